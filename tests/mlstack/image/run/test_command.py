"""`mlstack image run`: what is printed is what is run, and every way in which it can fail is one line."""

import base64
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlstack import account
from mlstack.account import Account
from mlstack.image.run import folders
from mlstack.image.run.command import NO_CONTAINER
from tests.mlstack.image.run.conftest import DEVICES, TOOLKIT, Docker, Run, options
from tests.mlstack.wire import Wire, refused, said, wired

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
PASSWORD = "s3cret"  # noqa: S105 (nobody's)
TOKEN = base64.b64encode(f"AWS:{PASSWORD}".encode()).decode()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
NAMED = re.compile(r"mlstack-([a-z0-9-]+)-[0-9a-f]{6}\b")


def put_model(folder: Path) -> Path:
    """A folder with what a model has, as far as it is looked at before a build."""
    folder.mkdir()
    for name in folders.PARTS:
        (folder / name).touch()
    return folder


def unnamed(calls: list[list[str]]) -> list[list[str]]:
    """The calls as they are printed, where a container's name is always the same."""
    return [[NAMED.sub(r"mlstack-\1", word) for word in words] for words in calls]


@pytest.mark.parametrize(
    "words", [["inference"], ["training"], ["training", "--set", "epochs=3", "--no-gpu", "--", "a b"]]
)
def test_what_is_printed_is_what_is_run(docker: Docker, run: Run, words: list[str], tmp_path: Path) -> None:
    code, printed, _ = run(words[0], "--print", *words[1:])
    assert (code, docker.log()) == (0, [])
    subprocess.run(["/bin/sh", "-e"], input=printed, cwd=tmp_path, text=True, check=True)
    by_hand = docker.calls()
    (docker.folder / "log").unlink()

    assert run(*words)[0] == 0

    assert unnamed(docker.calls()) == by_hand
    assert by_hand[0][0] == "build"


def test_printing_needs_no_docker_and_says_nothing_else(
    docker: Docker, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docker.programs / "docker").unlink()
    monkeypatch.setenv("PATH", str(docker.programs))

    code, printed, errors = run("training", "--print", "--gpu")
    served = run("inference", "--print")

    assert code == 0
    assert "--gpus all" in printed
    assert printed.startswith("docker build")
    assert served[0] == 0
    assert "--publish 127.0.0.1:8080:8080" in served[1]
    assert errors + served[2] == ""


@pytest.mark.parametrize("name", ["inference", "training"])
def test_without_docker_nothing_is_tried(docker: Docker, run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (docker.programs / "docker").unlink()
    monkeypatch.setenv("PATH", str(docker.programs))

    code, printed, errors = run(name)

    assert (code, printed) == (2, "")
    assert errors.startswith("mlstack: Docker is not installed on this machine; see https://docs.docker.com/")
    assert len(errors.splitlines()) == 1


def test_the_server_is_started_with_the_starter_model(docker: Docker, run: Run) -> None:
    code, _, errors = run("inference", "--port", "18080")

    build, started = docker.calls()
    assert code == 0
    assert (build[0], started[0]) == ("build", "run")
    assert options(started)["--publish"] == ["127.0.0.1:18080:8080"]
    assert options(started)["--mount"] == [f"type=bind,source={folders.STARTER},target=/model,readonly"]
    assert (folders.STARTER / "model.onnx").is_file()
    assert "it answers at http://127.0.0.1:18080/invocations until Ctrl-C: `curl --data-binary" in errors


def test_a_model_of_ones_own_is_served_wherever_it_lies(docker: Docker, run: Run, tmp_path: Path) -> None:
    model = put_model(tmp_path / "a, \"b\" $(c); 'd'")
    model.chmod(0o755)

    code, _, errors = run("inference", "--model", model, "--env", "INFERENCE_TOP_K=1", "--env", "SECRET", "--", "-x")

    (started,) = docker.calls("run")
    mount = options(started)["--mount"][0]
    assert code == 0
    assert mount == f'type=bind,"source={tmp_path}/a, ""b"" $(c); \'d\'",target=/model,readonly'
    assert options(started)["--env"][-2:] == ["INFERENCE_TOP_K=1", "SECRET"]
    assert started[-2:] == ["mlstack/inference:local", "-x"]
    assert "cannot read" not in errors
    assert not folders.STARTER.exists()


def test_a_model_that_the_container_cannot_read_is_told_of(
    docker: Docker, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    model = put_model(tmp_path / "model")
    model.chmod(0o700)

    errors = run("inference", "--model", model)[2]

    assert "user 10001 of the container cannot read" in errors
    assert "`chmod -R a+rX FOLDER` lets it" in errors
    assert len(docker.calls("run")) == 1


def test_a_port_in_use_is_found_before_anything_is_built(docker: Docker, run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, _, errors = run("inference", "--port", str(port))

    assert code == 2
    assert f"port {port} is in use on this machine; say another with --port" in errors
    assert docker.calls() == []


@pytest.mark.parametrize("name", ["inference", "training"])
def test_a_build_that_fails_ends_with_1_and_nothing_is_run(docker: Docker, run: Run, name: str) -> None:
    docker.behaves(build={"code": 17, "err": "no space left"})

    code, _, errors = run(name)

    assert code == 1
    assert "no space left" in errors
    assert errors.splitlines()[-1] == "`docker build` ended with 17; the lines above say why"
    assert [words[0] for words in docker.calls()] == ["build"]


def test_a_server_that_fails_ends_with_1(docker: Docker, run: Run) -> None:
    docker.behaves(run={"code": 1, "err": "no model.onnx"})

    code, _, errors = run("inference")

    assert code == 1
    assert "no model.onnx" in errors
    assert errors.splitlines()[-1] == "`docker run` ended with 1; the lines above say why"


@pytest.mark.parametrize("code", [0, 143])
def test_ending_a_server_is_no_failure(docker: Docker, run: Run, code: int) -> None:
    docker.behaves(run={"interrupts": 1, "code": code})

    assert run("inference")[0] == 0


@pytest.mark.parametrize("name", ["inference", "training"])
def test_an_interrupted_build_runs_nothing(docker: Docker, run: Run, name: str) -> None:
    docker.behaves(build={"interrupts": 1, "code": 0})

    code, _, errors = run(name)

    assert code == 130
    assert errors.splitlines()[-1] == "mlstack: interrupted"
    assert [words[0] for words in docker.calls()] == ["build"]


def test_a_training_leaves_its_files_and_no_container(docker: Docker, run: Run, tmp_path: Path) -> None:
    to = tmp_path / "made" / "here"

    code, _, errors = run("training", "--data", folders.DATA, "--to", to)

    started = docker.calls("run")[0]
    name = options(started)["--name"][0]
    assert code == 0
    assert NAMED.fullmatch(name)
    assert [words for words in docker.calls() if words[0] not in {"build", "run"}] == [
        ["cp", f"{name}:/task/model", str(to)],
        ["cp", f"{name}:/task/output", str(to)],
        ["rm", "--force", "--volumes", name],
    ]
    assert to.is_dir()
    assert errors.splitlines()[-1] == f"next: `mlstack image run inference --model {to}/model`"


def test_a_training_that_fails_leaves_its_reason(docker: Docker, run: Run) -> None:
    docker.behaves(run={"code": 1})

    code, _, errors = run("training")

    assert code == 1
    assert [words[0] for words in docker.calls()] == ["build", "run", "cp", "rm"]
    assert docker.calls("cp")[0][1].endswith(":/task/output")
    assert "the training failed (1); the lines above say why" in errors


@pytest.mark.parametrize("code", sorted(NO_CONTAINER))
def test_a_training_that_never_ran_has_no_files(docker: Docker, run: Run, code: int) -> None:
    docker.behaves(run={"code": code})

    assert run("training")[0] == 1
    assert [words[0] for words in docker.calls()] == ["build", "run", "rm"]
    assert not folders.TRAINED.exists()


def test_a_model_that_cannot_be_fetched_is_a_failure(docker: Docker, run: Run) -> None:
    docker.behaves(cp={"code": 1})

    code, _, errors = run("training")

    assert code == 1
    assert "what was trained could not be fetched" in errors
    assert docker.calls()[-1][0] == "rm"


def test_an_interrupted_training_is_cleared_away(docker: Docker, run: Run) -> None:
    docker.behaves(run={"interrupts": 2, "code": 137})

    code, _, errors = run("training")

    assert code == 130
    assert [words[0] for words in docker.calls()] == ["build", "run", "kill", "cp", "rm"]
    assert "failed" not in errors


def test_files_of_a_training_before_are_not_mixed_with_new_ones(docker: Docker, run: Run) -> None:
    folders.TRAINED.mkdir(parents=True)
    (folders.TRAINED / "model").mkdir()

    code, _, errors = run("training")

    assert code == 2
    assert "holds something already; name another folder with --to" in errors
    assert docker.calls() == []


@pytest.mark.parametrize(
    ("daemon", "words", "option"),
    [
        (TOOLKIT, [], ["--gpus", "all"]),
        (TOOLKIT, ["--gpu"], ["--gpus", "all"]),
        (DEVICES, ["--gpu"], ["--device", "nvidia.com/gpu=all"]),
        (TOOLKIT, ["--no-gpu"], []),
        (None, [], []),
    ],
)
def test_training_takes_the_gpu_where_docker_knows_it(
    docker: Docker, run: Run, daemon: object, words: list[str], option: list[str]
) -> None:
    docker.behaves(daemon)

    assert run("training", *words)[0] == 0

    build, started = docker.calls("build", "run")
    given = [word for word in started if word in {"--gpus", "--device", "all", "nvidia.com/gpu=all"}]
    assert given == option
    assert ("--build-arg" in build) == bool(option)
    assert started[-2] == f"mlstack/training{'-gpu' if option else ''}:local"


def test_a_gpu_without_the_toolkit_is_one_error_that_names_it(docker: Docker, run: Run) -> None:
    code, _, errors = run("training", "--gpu")

    assert code == 2
    assert "--gpu needs the package nvidia-container-toolkit on this machine" in errors
    assert "`sudo nvidia-ctk runtime configure --runtime=docker`" in errors
    assert len(errors.splitlines()) == 1
    assert docker.calls() == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["inference", "--gpu"], "--gpu goes with training, not with inference"),
        (["inference", "--data", "."], "--data goes with training, not with inference"),
        (["inference-arm64", "--to", "."], "--to goes with training, not with inference"),
        (["worker", "--set", "epochs=3"], "--set goes with training, not with worker"),
        (["training", "--set", "epochs"], "'epochs' is no NAME=VALUE"),
        (["training", "--set", "epoch=3"], "--set epoch: the training image has no such hyperparameter; did you mean"),
        (["training", "--set", "epochs=0"], "--set epochs: must be a whole number from 1 to 10000, not"),
        (["training", "--set", "model=pretrained"], "--set model: "),
        (["training", "--", "--epochs", "3"], "epochs is a hyperparameter; say --set epochs=3, before the --"),
        (["training", "--", "train", "--batch-size=8"], "say --set batch_size=8, before the --"),
        (["training", "--", "--seed"], "say --set seed=VALUE, before the --"),
        (["training", "--model", "."], "--model goes with inference, not with training"),
        (["inference", "--stage", "team"], "--stage and --region go with --aws"),
        (["inference", "--region", "us-east-1"], "the local AWS keeps no image that Docker can pull"),
        (["inference", "--env", "1=secret"], "--env '1' is no NAME or NAME=VALUE"),
        (["inference", "--env", "=x"], "--env '' is no NAME or NAME=VALUE"),
        (["inference", "--port", "0"], "0 is not in the range"),
        (["infrence"], "containers/ has no image infrence; did you mean inference?"),
        (["../inference"], "containers/ has no image ../inference; "),
        (["inference", "--model", "nowhere"], "nowhere is not there; name a folder with --model"),
        (["training", "--data", "nowhere"], "nowhere is not there; name a folder with --data"),
        ([], "Missing argument 'NAME'"),
    ],
)
@pytest.mark.parametrize("prints", [True, False])
def test_misuse_is_one_line_and_nothing_is_done(
    docker: Docker, run: Run, words: list[str], reason: str, *, prints: bool
) -> None:
    code, printed, errors = run(*(["--print"] if prints else []), *words)

    assert (code, printed.strip()) == (2, "")
    assert reason in errors
    assert "secret" not in errors
    assert docker.calls() == []


def test_a_hyperparameter_is_told_to_the_training(docker: Docker, run: Run) -> None:
    assert run("training", "--set", "epochs=3", "--set", "model=tiny-vit", "--", "--other", "1")[0] == 0

    started = docker.calls("run")[0]
    said = [one.removeprefix("SM_HPS=") for one in options(started)["--env"] if one.startswith("SM_HPS=")]
    assert [json.loads(one) for one in said] == [{"epochs": "3", "model": "tiny-vit"}]
    assert started[-3:] == ["train", "--other", "1"]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A folder with one picture, and a text that is called one."""
    for label, content in (("a", PNG), ("b", b"no picture")):
        (tmp_path / "bad" / label).mkdir(parents=True)
        (tmp_path / "bad" / label / "1.png").write_bytes(content)
    return tmp_path / "bad"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["inference", "--model"], "holds no model: model.onnx, config.json, preprocessor_config.json must be there"),
        (["inference", "--print", "--model"], "bad holds no model"),
        (["training", "--data"], "has pictures of one label alone, a"),
        (["training", "--print", "--data"], "has pictures of one label alone, a"),
    ],
)
def test_a_folder_of_no_use_is_found_before_anything_is_built(
    docker: Docker, run: Run, bad: Path, words: list[str], reason: str
) -> None:
    code, printed, errors = run(*words, bad)

    assert (code, printed) == (2, "")
    assert reason in errors
    assert docker.calls() == []


def test_what_is_not_trained_on_is_not_looked_at(docker: Docker, run: Run, tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()

    assert run("training", "--data", tmp_path / "test", "--", "evaluate")[0] == 0
    assert docker.calls("run")[0][-1] == "evaluate"


@pytest.fixture
def wire() -> Wire:
    """A registry that lets one in."""
    found = Wire()
    found.answer("GetAuthorizationToken", said(authorizationData=[{"authorizationToken": TOKEN}]))
    return found


@pytest.fixture
def registry(wire: Wire) -> Iterator[Account]:
    """A real account with that registry."""
    for found in wired(wire, ("ecr",)):
        yield replace(found, shown="account 1", is_local=False)


@pytest.fixture
def stage(registry: Account, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A stage of it; gives what was asked for when it was chosen."""
    names = ("Inference", "InferenceArm64", "Worker")
    outputs = {f"{name}ImageUri": f"{REGISTRY}/{name.lower()}:abc" for name in names}
    chosen: list[object] = []

    def choose(*words: object) -> Account:
        chosen.extend(words)
        return registry

    def say(_: Account, *words: object) -> dict[str, str]:
        chosen.extend(words)
        return outputs

    monkeypatch.setattr(account, "choose", choose)
    monkeypatch.setattr("mlstack.deployment.outputs", say)
    return chosen


def test_a_deployed_image_is_pulled_with_a_password_that_nobody_sees(
    docker: Docker, run: Run, stage: list[object]
) -> None:
    code, printed, errors = run("inference", "--aws", "--stage", "team", "--region", "us-east-1")

    login, pull, started = docker.log()[1:]
    assert code == 0
    assert stage == ["aws", "us-east-1", "team", "Images"]
    assert login == {"words": ["login", "--username", "AWS", "--password-stdin", REGISTRY], "fed": PASSWORD}
    assert pull["words"] == ["pull", "--platform", "linux/amd64", f"{REGISTRY}/inference:abc"]
    assert started["words"][-1] == f"{REGISTRY}/inference:abc"
    shown = printed + errors + str([one["words"] for one in docker.log()])
    assert PASSWORD not in shown
    assert TOKEN not in shown


def test_a_login_that_is_refused_pulls_nothing(docker: Docker, run: Run, stage: list[object]) -> None:
    docker.behaves(login={"code": 1, "err": "unauthorized"})

    code, _, errors = run("worker", "--aws", "--", "model")

    assert code == 1
    assert stage[2] == "sandbox"
    assert "unauthorized" in errors
    assert "`docker login` ended with 1" in errors
    assert [words[0] for words in docker.calls()] == ["login"]


def test_what_is_deployed_is_printed_without_docker_and_without_a_password(
    docker: Docker, run: Run, stage: list[object], wire: Wire
) -> None:
    code, printed, _ = run("worker", "--aws", "--print", "--", "queue")

    assert code == 0
    assert stage[0] == "aws"
    assert printed.startswith("aws ecr get-login-password --region us-east-1 | docker login --username AWS")
    assert printed.rstrip().endswith(f"{REGISTRY}/worker:abc queue")
    assert wire.calls() == []
    assert docker.log() == []


@pytest.mark.usefixtures("stage")
def test_a_registry_that_lets_nobody_in_is_said_to(docker: Docker, run: Run, wire: Wire) -> None:
    wire.answer("GetAuthorizationToken", refused("AccessDeniedException"))

    code, _, errors = run("inference-arm64", "--aws")

    assert code == 2
    assert "AWS answered" in errors
    assert docker.calls() == []


@pytest.mark.usefixtures("stage", "docker")
def test_an_image_that_the_stage_does_not_run_is_said_to_be_missing(run: Run) -> None:
    code, _, errors = run("training", "--aws")

    assert code == 2
    assert "stage sandbox on account 1 has no image training; there are inference, inference-arm64, worker" in errors
