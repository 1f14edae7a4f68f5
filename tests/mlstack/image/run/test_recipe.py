"""Docker's words for building, fetching and running an image."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import UserError
from mlstack.image.deployed import Deployed
from mlstack.image.run import recipe
from mlstack.image.run.docker import Command, Gpu
from mlstack.image.run.recipe import Image, Wish
from mlstack.project import ROOT
from tests.mlstack.image.run.conftest import options

REGISTRY = "123456789012.dkr.ecr.eu-west-3.amazonaws.com"
HARDENED = {
    "--read-only": [""],
    "--user": ["10001:10001"],
    "--tmpfs": ["/tmp"],  # noqa: S108 (the container's)
    "--cap-drop": ["ALL"],
    "--security-opt": ["no-new-privileges"],
}
WISH = Wish(container="c")
IMAGES = ["inference", "inference-arm64", "training"]


def ran(name: str, wish: Wish = WISH) -> Command:
    """The command that runs an image."""
    image = recipe.built(name, gpu=False)
    if image.kind == recipe.SERVER:
        return recipe.served(image, wish, model=Path("/models/a"), port=9000)
    if image.kind == recipe.TRAINING:
        return recipe.trained(image, wish, channels={"train": Path("/data")})
    return recipe.others(image, wish)


@pytest.mark.parametrize("name", recipe.known())
def test_every_image_of_the_project_runs_as_on_ecs(name: str) -> None:
    command = ran(name)

    assert command.words[:2] == ["docker", "run"]
    assert options(command.words).items() >= HARDENED.items()
    assert options(command.words)["--name"] == ["c"]
    assert options(command.words)["--pull"] == ["never"]
    assert command.container == "c"
    assert not {"--privileged", "--network", "--cap-add"} & options(command.words).keys()


@pytest.mark.parametrize("name", recipe.known())
def test_every_image_is_built_from_a_folder_that_is_there(name: str) -> None:
    (build,) = recipe.built(name, gpu=False).commands

    assert (Path(build.words[-1]) / "Dockerfile").is_file()
    assert options(build.words)["--tag"] == [f"mlstack/{name}:local"]
    assert "--build-arg" not in build.words


@pytest.mark.parametrize(
    ("name", "platform"), [("inference", None), ("inference-arm64", "linux/arm64"), ("training", "linux/amd64")]
)
def test_the_platform_is_this_machines_unless_the_image_has_one(name: str, platform: str | None) -> None:
    (build,) = recipe.built(name, gpu=False).commands

    for words in (build.words, ran(name).words):
        assert options(words).get("--platform") == ([platform] if platform else None)


def test_training_has_no_image_for_arm() -> None:
    with pytest.raises(UserError, match=r"containers/ has no image training-arm64; "):
        recipe.built("training-arm64", gpu=False)


def test_training_with_a_gpu_stands_on_the_catalogues_image() -> None:
    image = recipe.built("training", gpu=True)

    (build,) = image.commands
    assert options(build.words)["--build-arg"] == [
        "BASE=public.ecr.aws/deep-learning-containers/pytorch:2.13-cu133-amzn2023-sagemaker"
    ]
    assert image.reference == "mlstack/training-gpu:local"
    assert recipe.trained(image, WISH, channels={}).words[-2:] == ["mlstack/training-gpu:local", "train"]


def test_the_base_with_a_gpu_is_the_one_that_the_dockerfile_names() -> None:
    (build,) = recipe.built("training", gpu=True).commands

    assert build.words[build.words.index("--build-arg") + 1].removeprefix("BASE=") in (
        ROOT / "containers" / "training" / "Dockerfile"
    ).read_text(encoding="utf-8")


def test_a_server_is_reached_from_this_machine_alone_and_only_reads_its_model() -> None:
    told = options(ran("inference").words)

    assert told["--publish"] == ["127.0.0.1:9000:8080"]
    assert told["--mount"] == ["type=bind,source=/models/a,target=/model,readonly"]
    assert told["--env"] == ["SM_MODEL_DIR=/model", "SAGEMAKER_BIND_TO_PORT=8080"]
    assert told["--stop-timeout"] == ["30"]
    assert "--rm" in told


def test_a_training_reads_its_data_and_writes_into_a_volume_alone() -> None:
    channels = {"train": Path("/data/train"), "test": Path("/data/test")}

    told = options(recipe.trained(recipe.built("training", gpu=False), WISH, channels=channels).words)

    assert told["--mount"] == [
        "type=bind,source=/data/train,target=/task/input/data/train,readonly",
        "type=bind,source=/data/test,target=/task/input/data/test,readonly",
    ]
    assert told["--volume"] == ["/task"]
    assert told["--env"] == ["SAGEMAKER_BASE_DIR=/task", "HOME=/task", "TMPDIR=/task"]
    assert told["--stop-timeout"] == ["120"]
    assert "--rm" not in told


def test_what_a_person_says_comes_last() -> None:
    wish = Wish(container="c", environment=("A=1", "SECRET"), arguments=("evaluate", "--x"))

    words = ran("training", wish).words

    assert words[-3:] == ["mlstack/training:local", "evaluate", "--x"]
    assert options(words[: words.index("mlstack/training:local")])["--env"][-2:] == ["A=1", "SECRET"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), ("train",)),
        (("train",), ("train",)),
        (("evaluate", "--x"), ("evaluate", "--x")),
        (("task",), ("task",)),
        (("--x", "3"), ("train", "--x", "3")),
        (("--x", "evaluate"), ("train", "--x", "evaluate")),
    ],
)
def test_a_training_trains_unless_it_is_told_another_command(arguments: tuple[str, ...], told: tuple[str, ...]) -> None:
    assert recipe.order(arguments) == told


def test_the_commands_of_training_are_those_that_its_program_knows() -> None:
    program = (ROOT / "containers" / "training" / "training" / "__main__.py").read_text(encoding="utf-8")

    assert set(re.findall(r'case .*\["(\w+)"\]:', program)) == recipe.TRAINING_COMMANDS


@pytest.mark.parametrize(
    ("gpu", "option"),
    [
        (Gpu(runtime=True, devices=False), ["--gpus", "all"]),
        (Gpu(runtime=False, devices=True), ["--device", "nvidia.com/gpu=all"]),
    ],
)
def test_gpus_are_given_to_the_container(gpu: Gpu, option: list[str]) -> None:
    words = ran("training", Wish(container="c", gpu=gpu)).words

    here = words.index(option[0])
    assert words[here : here + 2] == option


@pytest.mark.parametrize(("well", "parts"), [(True, ["model", "output"]), (False, ["output"])])
def test_what_a_training_wrote_is_fetched_as_far_as_it_got(parts: list[str], *, well: bool) -> None:
    commands = recipe.fetched("c", Path("/to"), well=well)

    assert [one.words for one in commands] == [["docker", "cp", f"c:/task/{part}", "/to"] for part in parts]


def test_a_container_goes_with_its_volume() -> None:
    assert recipe.removed("c").words == ["docker", "rm", "--force", "--volumes", "c"]


def pulled(name: str, password: str | None) -> Image:
    """A deployed image."""
    images = [Deployed(name=one, uri=f"{REGISTRY}/{one}:abc") for one in IMAGES]
    return recipe.pulled(name, images, "stage team on account 1", "eu-west-3", password)


@pytest.mark.parametrize(
    ("name", "platform"),
    [("inference", "linux/amd64"), ("inference-arm64", "linux/arm64"), ("training", "linux/amd64")],
)
def test_a_deployed_image_is_pulled_for_its_own_platform(name: str, platform: str) -> None:
    image = pulled(name, "s3cret")

    login, pull = image.commands
    assert login.words == ["docker", "login", "--username", "AWS", "--password-stdin", REGISTRY]
    assert login.fed == "s3cret"
    assert pull.words == ["docker", "pull", "--platform", platform, f"{REGISTRY}/{name}:abc"]
    assert image.reference == f"{REGISTRY}/{name}:abc"


def test_a_person_logs_in_with_a_password_of_their_own() -> None:
    login, _ = pulled("inference", None).commands

    assert login.fed is None
    assert login.line == (
        f"aws ecr get-login-password --region eu-west-3 | docker login --username AWS --password-stdin {REGISTRY}"
    )


def test_an_image_that_the_stage_lacks_is_answered_with_those_it_has() -> None:
    with pytest.raises(UserError, match="stage team on account 1 has no image worker; there are inference, "):
        pulled("worker", None)


@given(name=st.text(st.characters(exclude_characters="/\0\r\n", codec="utf-8"), min_size=1))
def test_a_folder_is_mounted_whatever_its_name_holds(name: str) -> None:
    told = recipe.mount(Path("/models") / name, "/model")

    (fields,) = csv.reader([told])
    assert fields == ["type=bind", f"source={Path('/models') / name}", "target=/model", "readonly"]
