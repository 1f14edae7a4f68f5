"""`mlstack workstation jupyter`: the address opens JupyterLab, and its token goes nowhere else."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import UserError
from mlstack.workstation import forward as forwarding
from mlstack.workstation import lab as reading
from mlstack.workstation.forward import forward
from mlstack.workstation.lab import Lab, labs
from tests.mlstack.workstation.conftest import Run, Stage
from tests.mlstack.workstation.tools import Tools


@pytest.fixture
def machine(stage: Stage) -> str:
    """A workstation that runs."""
    stage.put()
    return stage.launch()


@pytest.fixture
def free() -> str:
    """A port that nothing listens on, as a word."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


def test_the_address_is_printed_once_the_port_is_open(machine: str, run: Run, tools: Tools, free: str) -> None:
    tools.serve()

    code, output, errors = run("jupyter", "trainer", "--port", free)

    assert (code, output) == (0, f"http://127.0.0.1:{free}/lab?token=s3cret\n")
    assert "closed; trainer runs on, until it is idle or `mlstack workstation stop trainer --aws`" in errors
    assert "s3cret" not in errors
    read, forwarded = tools.calls()
    assert machine in read
    assert json.loads(forwarded[forwarded.index("--parameters") + 1]) == {
        "portNumber": ["8888"],
        "localPortNumber": [free],
    }


def test_the_token_is_in_no_programs_arguments(machine: str, run: Run, tools: Tools, free: str) -> None:
    tools.serve()

    assert run("jupyter", "--port", free)[0] == 0
    assert machine in json.dumps(tools.calls())
    assert "s3cret" not in json.dumps(tools.calls())
    assert "s3cret" not in repr(Lab("s3cret"))


@pytest.mark.usefixtures("machine")
def test_of_several_servers_the_newest_on_jupyterlabs_port_counts(run: Run, tools: Tools, free: str) -> None:
    servers: tuple[dict[str, object], ...] = ({"port": 9999}, {"token": "new"}, {})
    for age, said in enumerate(servers):
        name = f"jpserver-{(7, 1, 3)[age]}.json"
        tools.serve(name, **said)
        at = time.time() - 100 * age
        os.utime(tools.home / ".local/share/jupyter/runtime" / name, (at, at))

    assert run("jupyter", "--port", free)[1].endswith("/lab?token=new\n")


@pytest.mark.usefixtures("machine", "tools")
def test_a_jupyterlab_that_does_not_run_is_said_not_to(run: Run, free: str) -> None:
    code, output, errors = run("jupyter", "--port", free)

    assert (code, output) == (2, "")
    assert errors == (
        "mlstack: workstation trainer has no JupyterLab that runs; wait a minute after a start, or see "
        "`mlstack workstation ssh trainer --aws -- systemctl status mlstack-jupyter`\n"
    )


def test_a_workstation_without_jupyterlab_says_how_to_get_one(stage: Stage, run: Run) -> None:
    stage.put(jupyter=False)
    stage.launch()

    code, _, errors = run("jupyter")

    assert code == 2
    assert "say jupyter = true in [workstations.trainer] and deploy it" in errors


@pytest.mark.usefixtures("machine")
def test_a_port_in_use_is_said_before_anything_else_happens(run: Run, tools: Tools) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        code, output, errors = run("jupyter", "--port", port)

    assert (code, output) == (2, "")
    assert errors == f"mlstack: port {port} is in use on this machine; say another with --port 8888\n"
    assert tools.calls() == []


@pytest.mark.usefixtures("machine")
def test_a_session_that_aws_refuses_is_one_line(run: Run, tools: Tools, free: str) -> None:
    tools.install(fault="An error occurred (TargetNotConnected): i-1 is not\x1b[2J connected")

    code, output, errors = run("jupyter", "--port", free)

    assert (code, output) == (2, "")
    assert errors == (
        "mlstack: no session with the machine: An error occurred (TargetNotConnected): i-1 is not�[2J connected\n"
    )


@pytest.mark.usefixtures("machine")
def test_a_session_that_does_not_answer_is_given_up(
    run: Run, tools: Tools, free: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.programs.joinpath("aws").write_text("#!/bin/sh\necho s3cret\nexec sleep 60\n")
    monkeypatch.setattr(reading, "PATIENCE_S", 0.1)

    code, _, errors = run("jupyter", "--port", free)

    assert code == 2
    assert "Session Manager gave no answer within 0 s; try again" in errors
    assert "s3cret" not in errors


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("echo 'Setting up data channel failed'; exit 1", "the port could not be opened: Setting up data channel"),
        ("exit 0", "the port could not be opened: Starting session with SessionId"),
        ("echo 'Waiting for connections...'; echo lost >&2; exit 3", "the session ended (3): lost; say it again"),
    ],
)
def test_a_port_that_does_not_stay_open_is_said_not_to(run: Run, tools: Tools, free: str, does: str, told: str) -> None:
    tools.install(forward=does)
    tools.serve()

    code, _, errors = run("jupyter", "--port", free)

    assert code == 2
    assert told in errors.splitlines()[-1]


def test_what_goes_wrong_while_the_port_is_open_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    says = "Waiting for connections...\\n\\nConnection accepted for session [s]\\n"
    fails = "Connection to destination port failed\\033[2J\\nExiting session with sessionId: s.\\n"

    forward(["sh", "-c", f"printf '{says}{fails}'"], lambda: None)

    assert capsys.readouterr().err == "Connection to destination port failed\N{REPLACEMENT CHARACTER}[2J\n"


@pytest.mark.usefixtures("machine")
def test_a_cli_that_cannot_be_run_is_said_to_be(
    run: Run, tools: Tools, free: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tools.programs))
    tools.programs.joinpath("aws").write_text("#!/absent/python\n")

    code, output, errors = run("jupyter", "--port", free)

    assert (code, output) == (2, "")
    assert errors == "mlstack: the AWS CLI cannot be run: No such file or directory\n"


FAREWELL = """
import os, pathlib, signal, sys, time
place = pathlib.Path(sys.argv[1])
def end(*_):
    (place / "said").write_text("bye")
    sys.exit()
signal.signal(signal.SIGINT, end)  # a shell could not trap it where whoever started the tests ignores it
(place / "pid").write_text(str(os.getpid()))
print("Waiting for connections", flush=True)
while True:
    time.sleep(0.02)
"""


def test_a_persons_interrupt_lets_the_session_say_goodbye(tmp_path: Path) -> None:
    def interrupt() -> None:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGINT)
        raise KeyboardInterrupt

    forward([sys.executable, "-c", FAREWELL, str(tmp_path)], interrupt)

    assert (tmp_path / "said").read_text() == "bye"


def test_a_session_that_does_not_end_by_itself_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "FAREWELL_S", 0.05)

    def interrupt() -> None:
        raise KeyboardInterrupt

    forward(["sh", "-c", f"echo $$ >{tmp_path}/pid; echo Waiting for connections; exec sleep 6000"], interrupt)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_program_that_cannot_be_run_is_said_to_be() -> None:
    with pytest.raises(UserError, match="the AWS CLI cannot be run: No such file"):
        forward(["/absent/aws"], lambda: None)


def test_a_token_is_part_of_the_address_whatever_letters_it_has() -> None:
    assert Lab("a b&c/é").address("127.0.0.1", 1) == "http://127.0.0.1:1/lab?token=a%20b%26c%2F%C3%A9"
    assert Lab("").address("127.0.0.1", 1) == "http://127.0.0.1:1/lab"


@given(before=st.text(), after=st.text(), token=st.text())
def test_a_servers_file_is_found_among_whatever_else_is_said(before: str, after: str, token: str) -> None:
    said = f"{before.replace('{', '')}\n{json.dumps({'port': 8888, 'token': token})}\n{after}"

    assert next(labs(said)).token == token


@given(said=st.one_of(st.text(), st.text('{}[]":,8token ', max_size=80)))
def test_whatever_is_said_nothing_breaks(said: str) -> None:
    assert all(isinstance(found.token, str) for found in labs(said))


@pytest.mark.parametrize("said", ["{" * 5_000, '{"port": 8888, "token": 7}', '{"port": "8888", "token": "x"}', "{}"])
def test_what_is_no_server_is_none(said: str) -> None:
    assert list(labs(said)) == []
