"""AWS is reached by whatever the machine has, and what a person can change never runs as root."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from machine_use import aws
from machine_use.aws import CallError, call
from notebook_watch.heartbeat import last_heard
from shared import clock
from shared.silence import Silence
from tests.machines.machine import NAME, REGION, Machine

PYTHON = sys.executable
STOP = {"NotebookInstanceName": NAME}
NOBODY = 65534


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An AWS that other programs can call as well."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    yield f"http://{host}:{port}"
    server.stop()


def test_aws_command_is_asked_without_a_shell(machine: Machine) -> None:
    name = "$(touch /tmp/x); 'a' \"b\" `c` \\"

    call(machine.root, "sagemaker", "stop-notebook-instance", REGION, {"NotebookInstanceName": name})

    [[*words, told]] = machine.calls()
    assert words == ["sagemaker", "stop-notebook-instance", "--region", REGION, "--cli-input-json"]
    assert json.loads(told) == {"NotebookInstanceName": name}


@pytest.mark.parametrize(
    "place", ["home/ec2-user/anaconda3/envs/JupyterSystemEnv/bin/python", "home/ec2-user/anaconda3/envs/new/bin/python"]
)
def test_first_python_that_knows_boto3_is_taken_where_the_command_is_missing_or_broken(
    machine: Machine, endpoint: str, place: str
) -> None:
    name = f"in-{len(place)}"
    client = boto3.client("sagemaker", endpoint_url=endpoint, region_name=REGION)
    client.create_notebook_instance(
        NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn="arn:aws:iam::123456789012:role/any"
    )
    machine.aws_fails("ModuleNotFoundError: No module named 'awscli'")
    machine.program("home/ec2-user/anaconda3/bin/python", "#!/bin/sh\nexit 1\n")
    machine.program(place, f'#!/bin/sh\nexec {PYTHON} "$@"\n')

    call(machine.root, "sagemaker", "stop-notebook-instance", REGION, {"NotebookInstanceName": name})

    assert client.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"] == "Stopped"


def test_heartbeat_put_by_boto3_is_what_the_belt_outside_reads(
    machine: Machine, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from notebook_agent.tick import heartbeat  # noqa: PLC0415 (beside the function's reader)

    (machine.root / "usr/bin/aws").unlink()
    monkeypatch.setattr(sys, "executable", PYTHON)
    client = boto3.client("cloudwatch", endpoint_url=endpoint, region_name=REGION)
    now = clock.now()

    call(machine.root, "cloudwatch", "put-metric-data", REGION, heartbeat(NAME, 750.0))

    hour = timedelta(hours=1)
    heard = last_heard(client, NAME, since=now - hour, now=clock.now())
    assert not isinstance(heard, Silence)
    assert abs(heard - now) < timedelta(minutes=2)
    assert last_heard(client, "another", since=now - hour, now=clock.now()) is Silence.HEARD_NOTHING


def test_call_that_no_way_can_make_names_every_reason(machine: Machine) -> None:
    machine.aws_fails("An error occurred (AccessDeniedException) when calling")
    machine.program("home/ec2-user/anaconda3/bin/python", "#!/bin/sh\necho Unable to locate credentials >&2\nexit 1\n")

    with pytest.raises(CallError) as raised:
        call(machine.root, "sagemaker", "stop-notebook-instance", REGION, STOP)

    assert "usr/bin/aws: An error occurred (AccessDeniedException)" in str(raised.value)
    assert "No module named boto3" in str(raised.value)
    assert "Unable to locate credentials" in str(raised.value)


@pytest.mark.parametrize("script", ["#!/no/such/shell\n", "\0\0\0", "#!/bin/sh\nkill -9 $$\n", "#!/bin/sh\nsleep 60\n"])
def test_way_that_is_broken_or_hangs_leads_to_the_next(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(aws, "ONE_S", 0.3)
    machine.program("usr/local/bin/aws", script)

    call(machine.root, "sagemaker", "stop-notebook-instance", REGION, STOP)

    assert machine.asked() == ["stop-notebook-instance"]


def test_all_ways_together_leave_the_tick_its_time(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "ALL_S", 0.0)

    with pytest.raises(CallError):
        call(machine.root, "sagemaker", "stop-notebook-instance", REGION, STOP)

    assert machine.calls() == []


def environment_of(machine: Machine, told: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the AWS command sees where the agent's own environment is this."""
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    machine.program("usr/bin/aws", f"#!/bin/sh\nenv >{machine.root}/environment; id -u >>{machine.root}/environment\n")
    (machine.root / "environment").touch(mode=0o666)
    (machine.root / "environment").chmod(0o666)
    call(machine.root, "sagemaker", "stop-notebook-instance", REGION, STOP)
    *lines, uid = (machine.root / "environment").read_text().splitlines()
    return {**dict(line.split("=", 1) for line in lines), "id": uid}


def test_command_gets_the_settings_of_aws_and_nothing_else(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"AWS_CA_BUNDLE": "/ca.pem", "PYTHONPATH": "/theirs", "LD_PRELOAD": "", "PATH": "/theirs"}

    seen = environment_of(machine, told, monkeypatch)

    assert seen["AWS_CA_BUNDLE"] == "/ca.pem"
    assert seen["AWS_PAGER"] == ""
    assert "/theirs" not in seen["PATH"]
    assert {"PYTHONPATH", "LD_PRELOAD"}.isdisjoint(seen)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
@pytest.mark.parametrize("place", ["usr/bin/aws", "usr/bin"])
def test_command_runs_as_whoever_could_have_written_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    for folder in (machine.root, *machine.root.parents):
        if folder.is_relative_to(tempfile.gettempdir()):
            folder.chmod(folder.stat().st_mode | 0o055)

    as_root = environment_of(machine, {}, monkeypatch)
    os.chown(machine.root / place, NOBODY, NOBODY)
    as_owner = environment_of_owner(machine)

    assert as_root["id"] == "0"
    assert as_owner["id"] == str(NOBODY)
    assert as_owner["HOME"] != as_root["HOME"]


def environment_of_owner(machine: Machine) -> dict[str, str]:
    """The same, with the command as it lies there."""
    call(machine.root, "sagemaker", "stop-notebook-instance", REGION, STOP)
    *lines, uid = (machine.root / "environment").read_text().splitlines()
    return {**dict(line.split("=", 1) for line in lines), "id": uid}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_link_to_a_person_s_program_counts_as_the_person_s(tmp_path: Path) -> None:
    target = tmp_path / "theirs"
    target.write_text("")
    os.chown(target, 1234, 1234)
    (tmp_path / "link").symlink_to(target)

    assert aws.owner(tmp_path / "link") == 1234


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_link_in_a_person_s_folder_counts_as_the_person_s(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 1234, 1234)
    (tmp_path / "theirs" / "link").symlink_to("/bin/sh")

    assert aws.owner(tmp_path / "theirs" / "link") == 1234
