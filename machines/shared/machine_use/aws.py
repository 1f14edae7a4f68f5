"""Calls of AWS by what the machine has: its command line, or any Python that knows boto3. Nothing is installed."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

COMMANDS = ("usr/local/bin/aws", "usr/bin/aws", "home/ec2-user/anaconda3/bin/aws")
PYTHONS = (
    "home/ec2-user/anaconda3/envs/JupyterSystemEnv/bin/python",
    "home/ec2-user/anaconda3/bin/python",
    "home/ec2-user/anaconda3/envs/*/bin/python",
)
BOTO3 = """\
import boto3, json, sys
service, operation, region, parameters = sys.argv[1:]
client = boto3.client(service, region_name=region)
getattr(client, operation.replace("-", "_"))(**json.loads(parameters))
"""
ONE_S, ALL_S = 40.0, 160.0
"""How long one way may take, and all of them: systemd ends the tick after four minutes."""
STEADY = {
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "3",
    "AWS_METADATA_SERVICE_TIMEOUT": "5",
    "AWS_PAGER": "",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
}


class CallError(Exception):
    """No way to AWS worked; it has a line for each."""


def call(root: Path, service: str, operation: str, region: str, parameters: Mapping[str, Any]) -> None:
    """Call an operation, by one way after the other until one works."""
    told, end, failures = json.dumps(parameters), time.monotonic() + ALL_S, []
    for program, *arguments in _ways(root, service, operation, region, told):
        left = min(ONE_S, end - time.monotonic())
        if left <= 0:
            break
        try:
            _run(program, arguments, left)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or str(error)
            failures.append(f"{program}: {said.strip()[-400:]}")
        else:
            return
    raise CallError("; ".join(failures))


def _ways(root: Path, service: str, operation: str, region: str, told: str) -> Iterator[Sequence[str]]:
    for command in _present(root, COMMANDS):
        yield command, service, operation, "--region", region, "--cli-input-json", told
    for python in dict.fromkeys([sys.executable, *_present(root, PYTHONS)]):
        yield python, "-c", BOTO3, service, operation, region, told


def _present(root: Path, patterns: Sequence[str]) -> Iterator[str]:
    for pattern in patterns:
        yield from (str(path) for path in sorted(root.glob(pattern)) if os.access(path, os.X_OK))


def _run(program: str, arguments: Sequence[str], timeout_s: float) -> None:
    """Run as whoever could have written the program: what a person can change does not run as root."""
    uid = owner(Path(program))
    environment = {**{key: value for key, value in os.environ.items() if key.startswith("AWS_")}, **STEADY}
    environment["HOME"], group = _home(uid)
    other: dict[str, Any] = {}
    if os.geteuid() == 0 and uid != 0:
        other = {"user": uid, "group": group, "extra_groups": []}
    subprocess.run(
        [program, *arguments],
        check=True,
        capture_output=True,
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=timeout_s,
        **other,
    )


def _home(uid: int) -> tuple[str, int]:
    """A user's home, where the AWS tools look for settings, and group."""
    try:
        person = pwd.getpwuid(uid)
    except KeyError:
        return "/", uid
    return person.pw_dir, person.pw_gid


def owner(path: Path) -> int:
    """The first who is not root of those to whom the program or a folder above it belongs."""
    real = path.resolve()
    owners = (place.stat().st_uid for place in (path, real, *path.parents, *real.parents))
    return next((owner for owner in owners if owner), 0)
