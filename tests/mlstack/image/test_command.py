"""`mlstack image uri`, as a person and as a script see it, and the help of all its neighbours."""

import json
from datetime import date

import pytest
from click.testing import CliRunner, Result

from catalogue.images import NAMES
from mlstack.errors import UserError
from mlstack.image import command

TODAY = date(2026, 11, 22)
XGBOOST = "659782779980.dkr.ecr.eu-west-3.amazonaws.com/sagemaker-xgboost:3.2-0"


@pytest.fixture(autouse=True)
def _on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "today", lambda: TODAY)


def run(*arguments: str) -> Result:
    """The outcome of `mlstack image uri`."""
    return CliRunner().invoke(command.image, ["uri", *arguments])


def test_an_address_is_all_that_is_printed() -> None:
    outcome = run("xgboost", "--region", "eu-west-3")

    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, f"{XGBOOST}\n", "")


def test_an_image_that_is_no_longer_patched_says_so_beside_its_address() -> None:
    outcome = run("pytorch-inference-cpu", "--region", "us-east-1")

    assert outcome.exit_code == 0
    assert outcome.stdout.endswith("/pytorch-inference:2.6.0-cpu-py312\n")
    assert outcome.stderr == "pytorch-inference-cpu is out of patch since 2026-06-30; it can still be pulled\n"


def test_a_script_gets_everything_that_is_known_of_an_image() -> None:
    outcome = run("xgboost", "--region", "eu-west-3", "--json")

    assert json.loads(outcome.stdout) == {
        "name": "xgboost",
        "region": "eu-west-3",
        "uri": XGBOOST,
        "kind": "algorithm",
        "use": "both",
        "hardware": "any",
        "architecture": "x86_64",
        "end_of_patch": "2027-05-13",
        "patched": True,
        "source": "https://aws.github.io/deep-learning-containers/reference/support_policy",
    }


def test_the_region_is_the_one_of_the_persons_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")

    assert run("xgboost").stdout == f"{XGBOOST}\n"


def test_without_any_configuration_the_region_is_us_east_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    assert ".dkr.ecr.us-east-1." in run("xgboost").stdout


def test_all_images_are_listed_with_their_state() -> None:
    outcome = run("--region", "eu-west-3")

    lines = {line.split()[0]: line for line in outcome.stdout.splitlines() if line.strip()}
    assert outcome.exit_code == 0
    assert set(NAMES) <= lines.keys()
    assert "Images of AWS in eu-west-3" in outcome.stdout
    for name in ("inference", "training", "worker"):
        assert "this project's own: CodeBuild builds it in your account" in lines[name]
    assert "patched until 2027-09-28" in lines["pytorch-training-gpu"]
    assert "out of patch since 2026-06-30" in lines["pytorch-inference-gpu"]
    assert "AWS names no end" in lines["kmeans"]
    assert "not in eu-west-3" in lines["lda"]
    assert "GPU to train, CPU or GPU to infer" in lines["image-classification"]
    assert "CPU or GPU to train, CPU to infer" in lines["forecasting-deepar"]
    assert "CPU (Arm)" in lines["pytorch-inference-arm64"]
    assert "closed since 2023-09-20; use pytorch-training-cpu" in lines["mxnet"]
    assert "closed since 2023-04-15" in lines["elastic-inference"]


def test_a_script_gets_all_images_and_what_is_closed() -> None:
    found = {one["name"]: one for one in json.loads(run("--region", "eu-west-3", "--json").stdout)}

    assert set(NAMES) <= found.keys()
    assert found["xgboost"]["uri"] == XGBOOST
    assert (found["inference"]["kind"], found["inference"]["uri"]) == ("own", None)
    assert (found["training"]["use"], found["training"]["hardware"]) == ("training", "any")
    assert found["lda"]["uri"] is None
    assert found["pytorch-inference-cpu"]["patched"] is False
    assert found["mxnet"]["closed"] == "2023-09-20"
    assert "pytorch-training-gpu" in found["mxnet"]["successor"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["inference"], "inference is this project's own image, which CodeBuild builds in your account"),
        (["inference"], "output InferenceImageUri of the stack mlstack-STAGE-Images, and `mlstack image list` shows"),
        (["worker-arm64"], "its address is the output WorkerArm64ImageUri of the stack"),
        (["Training"], "training is this project's own image"),
        (["xgboots"], "'xgboots' is no image in the catalogue; did you mean xgboost?"),
        (["lda", "--region", "eu-west-3"], "lda is not offered in eu-west-3; the nearest regions that have it are eu-"),
        (["mxnet"], "Apache MXNet is closed since 2023-09-20; use pytorch-training-cpu"),
        (["xgboost", "--region", "eu-west-9"], "'eu-west-9' is no region with images of AWS; did you mean eu-west-"),
        (["--region", "moon"], "'moon' is no region with images of AWS; name one such as us-east-1"),
        (["--region", "", "--json"], "'' is no region"),
        (["\x1b[2J"], r"'\x1b[2J' is no image"),
        (["x" * 100_000], "is no image in the catalogue; see `mlstack image uri` for all"),
    ],
)
def test_what_cannot_be_had_is_one_line_that_names_what_can(arguments: list[str], reason: str) -> None:
    outcome = run(*arguments)

    assert isinstance(outcome.exception, UserError)
    assert reason in str(outcome.exception)
    assert str(outcome.exception).isprintable()
    assert outcome.stdout == ""


@pytest.mark.parametrize("arguments", [["xgboost", "lda"], ["--nope"], ["--region"]])
def test_misuse_is_refused(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "example"),
    [
        ([], "mlstack image build inference"),
        (["build"], "mlstack image build training --stage team --aws"),
        (["list"], "mlstack image list --stage team --aws"),
        (["run"], "mlstack image run inference --model .mlstack/trained/model"),
        (["uri"], "mlstack image uri xgboost --region eu-west-3"),
    ],
)
def test_the_help_has_an_example(arguments: list[str], example: str) -> None:
    outcome = CliRunner().invoke(command.image, [*arguments, "--help"])

    assert f"Example: {example}" in outcome.stdout
