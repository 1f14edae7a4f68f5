"""`mlstack workstation ssh`: a shell on the machine, and nothing of its quoting is lost on the way."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstack.workstation import session
from tests.mlstack.workstation.conftest import Answer, Run, Stage, refused
from tests.mlstack.workstation.tools import Tools

ABSENT = EndpointConnectionError(endpoint_url="https://x")


@pytest.fixture
def machine(stage: Stage) -> str:
    """A workstation that runs."""
    stage.put()
    return stage.launch()


def ran(line: str, cwd: Path) -> str:
    """What a shell here says to a line, without the session's own words."""
    found = subprocess.run(["/bin/sh", "-c", line], cwd=cwd, capture_output=True, text=True, check=True)
    return found.stdout.partition("somebody-0123\n\n")[2].partition("\n\nExiting")[0].rstrip("\n")


def test_the_session_is_opened_in_the_place_of_this_program(
    machine: str, run: Run, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _, words: opened.append(words))

    assert run("ssh", "trainer")[0] == 0

    (words,) = opened
    assert words[:5] == ["aws", "ssm", "start-session", "--target", machine]
    assert words[-2:] == ["--region", "us-east-1"]
    assert tools.calls() == []


def test_the_printed_command_opens_a_login_shell_in_the_users_home(machine: str, run: Run, tools: Tools) -> None:
    code, output, errors = run("ssh", "--print")

    assert (code, errors) == (0, "")
    assert ran(f"echo pwd | {output}", tools.folder) == f"{tools.home}"
    assert tools.calls()[0][:4] == ["ssm", "start-session", "--target", machine]


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["pwd"], "{home}"),
        (["echo", "$HOME"], "{home}"),
        (['for i in 1 2; do echo "<$i>"; done'], "<1>\n<2>"),
        (["echo 'a  b' \"c'd\" | tr a-z A-Z"], "A  B C'D"),
        (["echo", "{{ x }}", "\\\\", "100%", "é"], "{{{{ x }}}} \\ 100% é"),
        (["echo", "--", "-n"], "-- -n"),
    ],
)
def test_a_command_is_read_by_a_shell_on_the_machine_alone(
    run: Run, tools: Tools, words: list[str], expected: str
) -> None:
    code, output, _ = run("ssh", "trainer", "--print", "--", *words)

    assert code == 0
    assert ran(output, tools.folder) == expected.format(home=tools.home)


@pytest.mark.usefixtures("machine")
def test_the_name_may_be_left_out_before_a_command(run: Run, tools: Tools) -> None:
    assert ran(run("ssh", "--print", "--", "echo", "hi")[1], tools.folder) == "hi"


@given(text=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=30))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_word_holds_arrives_as_it_is(tools: Tools, text: str) -> None:
    line = session.as_login("ubuntu", ["printf", "%s", text])

    found = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True)

    assert found.stdout == text
    assert tools.calls() == []


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("aws", "the AWS CLI is not installed on this machine; see https://docs.aws.amazon.com/cli/"),
        ("session-manager-plugin", "AWS's session-manager-plugin is not installed on this machine; see https://docs"),
    ],
)
def test_a_program_that_is_missing_here_is_named_with_where_to_get_it(
    run: Run, tools: Tools, monkeypatch: pytest.MonkeyPatch, program: str, told: str
) -> None:
    (tools.programs / program).unlink()
    monkeypatch.setenv("PATH", str(tools.programs))

    for command in ("ssh", "jupyter"):
        code, output, errors = run(command)

        assert (code, output) == (2, "")
        assert told in errors
        assert len(errors.splitlines()) == 1


@pytest.mark.usefixtures("machine", "tools")
def test_a_cli_that_cannot_be_run_is_said_to_be(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "execvp", fail)

    assert run("ssh") == (2, "", "mlstack: the AWS CLI cannot be run: Permission denied\n")


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("words", ["ssh", "jupyter"])
def test_nobody_logs_in_on_the_local_aws_and_the_next_step_is_named(stage: Stage, run: Run, words: str) -> None:
    stage.put()
    stage.launch()

    code, output, errors = run(words)

    assert (code, output) == (2, "")
    assert "`mlstack local status` shows where its log is, and --aws logs in" in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("words", ["ssh", "ssh --print", "jupyter"])
def test_what_does_not_run_is_said_to_be_stopped_on_the_local_aws_too(stage: Stage, run: Run, words: str) -> None:
    stage.put()
    stage.launch(state="stopped")

    assert "trainer is stopped; start it with `mlstack workstation start trainer`" in run(*words.split())[2]


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("option", ["--print", "--config"])
def test_what_needs_no_machine_is_printed_on_the_local_aws_too(stage: Stage, run: Run, option: str) -> None:
    stage.put()
    machine = stage.launch()

    code, output, errors = run("ssh", option)

    assert code == 0
    assert machine in output
    assert "nobody can log in on the local AWS" in errors


@pytest.mark.parametrize("state", ["stopped", "pending", "stopping"])
@pytest.mark.parametrize("command", ["ssh", "jupyter"])
def test_what_does_not_run_cannot_be_logged_in_to(stage: Stage, run: Run, command: str, state: str) -> None:
    stage.put()
    stage.launch(state=state)

    assert run(command) == (
        2,
        "",
        f"mlstack: workstation trainer is {state}; start it with `mlstack workstation start trainer --aws`\n",
    )


@pytest.mark.parametrize("login", ["", "root; rm -rf /", "$(id)", None, 7])
@pytest.mark.parametrize("command", ["ssh", "ssh --print", "ssh --config", "jupyter"])
def test_a_login_that_is_none_is_not_used(stage: Stage, run: Run, command: str, login: object) -> None:
    stage.put(login=login)
    stage.launch()

    code, output, errors = run(*command.split())

    assert (code, output) == (2, "")
    assert "does not say whom to log in as; deploy the stage again" in errors


@pytest.mark.parametrize(
    "words", ["--config --print", "--config -- ls", "--key x"], ids=["print", "command", "key alone"]
)
def test_options_that_do_not_go_together_are_refused(run: Run, stage: Stage, words: str) -> None:
    code, _, errors = run("ssh", *words.split())

    assert code == 2
    assert " goes with" in errors
    assert stage.asked == []


def test_the_config_sends_a_key_of_ones_own_where_there_is_no_key_pair(machine: str, run: Run, tools: Tools) -> None:
    code, output, errors = run("ssh", "trainer", "--config")

    assert code == 0
    host, *lines = output.splitlines()
    assert host == "Host mlstack-sandbox-trainer"
    assert lines[:2] == [f"    HostName {machine}", "    User ubuntu"]
    assert "EC2 Instance Connect takes ~/.ssh/id_ed25519.pub for each connection" in errors
    sent, session_ = proxied(output, machine, tools)
    assert sent[:2] == ["ec2-instance-connect", "send-ssh-public-key"]
    assert "file://~/.ssh/id_ed25519.pub" in sent
    assert session_[:4] == ["ssm", "start-session", "--target", machine]
    assert "portNumber=22" in session_


def proxied(config: str, machine: str, tools: Tools) -> list[list[str]]:
    """What ssh's proxy calls the AWS CLI with."""
    proxy = config.partition("ProxyCommand ")[2].strip()
    for token, value in (("%h", machine), ("%p", "22"), ("%r", "ubuntu")):
        proxy = proxy.replace(token, value)
    log = tools.folder / "words"
    tools.programs.joinpath("aws").write_text(
        f'#!/bin/sh\ntest $1 = ssm || echo noise\nfor word; do printf "%s\\0" "$word"; done >>{log}\necho >>{log}\n'
    )
    said = subprocess.run(["/bin/sh", "-c", f"exec {proxy}"], capture_output=True, text=True, check=True)
    assert said.stdout == ""
    return [line.rstrip("\0").split("\0") for line in log.read_text().splitlines()]


def test_the_config_takes_the_key_pair_that_the_machine_was_launched_with(
    stage: Stage, run: Run, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.put()
    machine = stage.launch(state="stopped", KeyName="mine")
    monkeypatch.setenv("AWS_PROFILE", "the team")

    code, output, errors = run("ssh", "--config")

    assert code == 0
    assert '    IdentityFile "~/.ssh/mine.pem"\n' in output
    assert "must be the private key of the key pair mine" in errors
    (only,) = proxied(output, machine, tools)
    assert only[-2:] == ["--profile", "the team"]


@pytest.mark.usefixtures("machine")
def test_the_config_takes_a_key_by_its_path(run: Run) -> None:
    assert '    IdentityFile "/keys/my key"\n' in run("ssh", "--config", "--key", "/keys/my key")[1]


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("key", ['a"b', "a\nb", "$(id)", "%d/x", "a'b", "`id`", "\x1b"])
def test_a_key_whose_path_would_break_the_config_is_refused(run: Run, key: str) -> None:
    code, output, errors = run("ssh", "--config", "--key", key)

    assert (code, output) == (2, "")
    assert "has letters that ~/.ssh/config cannot hold" in errors
    assert "\x1b" not in errors


def test_no_name_from_a_key_pair_can_break_the_config(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(KeyName='x"\n    ProxyCommand rm')

    assert run("ssh", "--config")[:2] == (2, "")


@pytest.mark.parametrize("fault", [refused("UnauthorizedOperation"), ABSENT], ids=["refused", "absent"])
@pytest.mark.parametrize("operation", ["GetParametersByPath", "DescribeInstances"])
@pytest.mark.parametrize("command", ["ssh", "jupyter"])
def test_what_aws_refuses_is_one_line_and_code_2(
    stage: Stage, run: Run, command: str, operation: str, fault: Answer
) -> None:
    stage.put()
    stage.launch()
    stage.answer(operation, fault)

    code, output, errors = run(command)

    assert (code, output) == (2, "")
    assert errors.startswith("mlstack: AWS ")
    assert len(errors.splitlines()) == 1


def test_the_printed_command_is_one_line_for_a_shell(machine: str, run: Run) -> None:
    output = run("ssh", "--print")[1]

    assert len(output.splitlines()) == 1
    assert machine in shlex.split(output)
