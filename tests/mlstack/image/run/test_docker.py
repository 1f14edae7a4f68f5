"""Whether Docker is there, what it can do, and how it is told."""

import shlex
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import UserError
from mlstack.image.run import docker as program
from mlstack.image.run.docker import Command, Ended, Gpu, ask, command, gpu_of, perform
from tests.mlstack.image.run.conftest import DEVICES, PLAIN, TOOLKIT, Docker

WITHOUT = "--print shows the commands without it, and `mlstack image build` builds in the account"
NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
DENIED = "permission denied while trying to connect to the Docker daemon socket"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Runtimes", "DiscoveredDevices", "ID", "nvidia"]), inner)
    ),
    max_leaves=8,
)


def refusal() -> str:
    """Why Docker cannot be used."""
    with pytest.raises(UserError) as caught:
        ask()
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_without_docker_the_way_to_it_and_past_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert refusal() == (
        f"Docker is not installed on this machine; see https://docs.docker.com/get-started/get-docker/. {WITHOUT}"
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"code": 1, "err": NO_DAEMON}, f"({NO_DAEMON}); start it with `sudo systemctl start docker`"),
        ({"code": 1, "err": DENIED}, f"({DENIED}); join the group docker with `sudo usermod -aG docker $USER`"),
        ({"out": '{"ServerErrors": ["no\\nserver"]}'}, "(no server); start it"),
        ({"code": 1}, "(it says nothing); start it"),
        ({"code": 1, "err": "\x1b[2J" + "x" * 5000}, "[2Jxxx"),
    ],
)
def test_a_daemon_that_does_not_answer_is_said_to_be_silent(docker: Docker, answer: dict[str, Any], words: str) -> None:
    docker.behaves(info=answer)

    told = refusal()

    assert told.startswith("Docker is installed, but its daemon does not answer (")
    assert words in told
    assert told.endswith(WITHOUT)
    assert told.isprintable()
    assert len(told) < 600


def test_a_daemon_that_never_answers_is_not_waited_for(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "ANSWER_S", 0.1)
    docker.behaves(info={"hangs": 60})

    assert "does not answer (nothing within 0 s)" in refusal()


def test_a_program_that_cannot_be_run_is_said_to_be(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(docker.programs))
    (docker.programs / "docker").write_bytes(b"\x00no program")

    assert refusal().startswith("Docker cannot be run: Exec format error; see https://docs.docker.com/")


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (PLAIN, Gpu(runtime=False, devices=False)),
        (TOOLKIT, Gpu(runtime=True, devices=False)),
        (DEVICES, Gpu(runtime=False, devices=True)),
        (TOOLKIT | {"DiscoveredDevices": DEVICES["DiscoveredDevices"]}, Gpu(runtime=True, devices=True)),
        ({"DiscoveredDevices": [{"Source": "cdi", "Name": "nvidia.com/gpu=0"}]}, Gpu(runtime=False, devices=True)),
        ({"DiscoveredDevices": [{"ID": "amd.com/gpu=0"}, {}]}, Gpu(runtime=False, devices=False)),
        ({}, Gpu(runtime=False, devices=False)),
    ],
)
def test_a_daemon_tells_how_it_gives_gpus(docker: Docker, info: dict[str, object], expected: Gpu) -> None:
    docker.behaves(info)

    assert ask() == expected


@pytest.mark.parametrize("text", ["[]", "nothing", "", "[" * 100_000])
def test_an_answer_of_another_program_names_no_gpu(docker: Docker, text: str) -> None:
    docker.behaves(info={"out": text})

    assert ask() == Gpu(runtime=False, devices=False)


@given(told=st.dictionaries(st.sampled_from(["Runtimes", "DiscoveredDevices"]), ANYTHING))
def test_whatever_a_daemon_tells_is_read(told: dict[str, object]) -> None:
    assert gpu_of(told).runtime in {True, False}


@pytest.mark.parametrize(
    ("gpu", "options"),
    [
        (Gpu(runtime=True, devices=False), ("--gpus", "all")),
        (Gpu(runtime=True, devices=True), ("--gpus", "all")),
        (Gpu(runtime=False, devices=True), ("--device", "nvidia.com/gpu=all")),
    ],
)
def test_gpus_are_asked_for_as_the_daemon_gives_them(gpu: Gpu, options: tuple[str, str]) -> None:
    assert gpu.options == options


@given(words=st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1), min_size=1))
def test_a_printed_command_means_the_same_words_to_a_shell(words: list[str]) -> None:
    asked, broken = command(*((word,) for word in words)), " \\\n    "

    assert asked.words == ["docker", *words]
    # A shell joins a line whose end a backslash hides, which Python's shlex does not.
    assert shlex.split(asked.line.replace(broken, " ")) == [one.replace(broken, " ") for one in asked.words]


def test_a_command_is_shown_run_and_its_end_told(docker: Docker, capfd: pytest.CaptureFixture[str]) -> None:
    docker.behaves(build={"code": 7, "out": "the build's own words"})

    assert perform(command(("build", "a b"))) == Ended(7)

    written = capfd.readouterr()
    assert written.err.strip() == "$ docker build 'a b'"
    assert "the build's own words" in written.out


def test_a_secret_goes_in_by_the_standard_input_alone(docker: Docker, capfd: pytest.CaptureFixture[str]) -> None:
    docker.behaves(login={"out": "Login Succeeded"})
    login = Command(parts=(("docker", "login"),), fed="s3cret")

    perform(login)

    written = capfd.readouterr()
    assert docker.log() == [{"words": ["login"], "fed": "s3cret"}]
    assert "s3cret" not in written.out + written.err + repr(login) + login.line
    assert written.out == ""


def test_a_program_that_closes_its_input_ends_as_it_likes(docker: Docker) -> None:
    (docker.programs / "docker").write_text("#!/bin/sh\nexec <&-\nexit 3\n")

    assert perform(Command(parts=(("docker", "login"),), fed="x" * 1_000_000)).code == 3


@pytest.mark.parametrize(
    ("words", "reason"), [(("no-such-program",), "No such file or directory"), (("docker", "a\0b"), "null byte")]
)
@pytest.mark.usefixtures("docker")
def test_what_cannot_be_run_is_said_in_one_line(words: tuple[str, ...], reason: str) -> None:
    with pytest.raises(UserError, match=f"{words[0]} cannot be run: .*{reason}"):
        perform(Command(parts=(words,)))


def test_an_interrupt_asks_for_the_end_as_ecs_does(docker: Docker, capfd: pytest.CaptureFixture[str]) -> None:
    docker.behaves(run={"interrupts": 1, "code": 143})
    before = signal.getsignal(signal.SIGINT)  # whoever started the tests may have had it ignored

    assert perform(Command(parts=(("docker", "run"),), container="c")) == Ended(143, interrupted=True)

    assert "stopping; Ctrl-C again kills it" in capfd.readouterr().err
    assert docker.calls() == [["run"]]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_interrupt_kills_the_container(docker: Docker) -> None:
    docker.behaves(run={"interrupts": 2, "code": 137})

    assert perform(Command(parts=(("docker", "run"),), container="c")) == Ended(137, interrupted=True)
    assert docker.calls() == [["run"], ["kill", "c"]]


def test_a_second_interrupt_kills_what_runs_no_container(docker: Docker) -> None:
    docker.behaves(build={"interrupts": 2})

    assert perform(command(("build",))) == Ended(-signal.SIGKILL, interrupted=True)


def test_outside_the_main_thread_a_command_runs_all_the_same(docker: Docker) -> None:
    ended: list[Ended] = []
    thread = threading.Thread(target=lambda: ended.append(perform(command(("build",)))))
    thread.start()
    thread.join()

    assert ended == [Ended(0)]
    assert docker.calls() == [["build"]]
