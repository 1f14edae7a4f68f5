"""The images of a stage, by the outputs of its stack."""

import pytest

from mlstack.image.deployed import Deployed, name_of, read, unknown

URI = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/team/inference:abc"


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ("InferenceImageUri", "inference"),
        ("InferenceArm64ImageUri", "inference-arm64"),
        ("WorkerImageUri", "worker"),
        ("ImageUri", None),
        ("InferenceRepositoryName", None),
        ("ExportsOutputFnGetAttInferenceImageUri0", None),
    ],
)
def test_an_image_is_called_as_its_output_says(output: str, name: str | None) -> None:
    assert name_of(output) == name


def test_an_address_tells_registry_repository_and_tag() -> None:
    (found,) = read({"InferenceImageUri": URI, "Other": "x"})

    assert found == Deployed(name="inference", uri=URI)
    assert found.registry == "123456789012.dkr.ecr.eu-west-3.amazonaws.com"
    assert (found.repository, found.tag) == ("team/inference", "abc")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("infrence", "here has no image infrence; did you mean inference?"),
        ("\x1b[2J", "there are inference, training"),
        ("x" * 10_000, "there are inference, training"),
    ],
)
def test_a_name_of_no_image_is_answered_with_those_that_are(name: str, told: str) -> None:
    said = str(unknown(name, ["training", "inference"], "here"))

    assert told in said
    assert said.isprintable()
    assert len(said) < 200
