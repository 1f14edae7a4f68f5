"""A docker program that writes down what it is asked for and behaves as a test says; no Docker is needed."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlstack import command
from mlstack.image.run import folders

DOCKER = """#!{python} -IS
import json, os, signal, sys, time
folder, verb = {folder!r}, sys.argv[1]
told = json.load(open(os.path.join(folder, "told.json")))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
fed = sys.stdin.read()
with open(os.path.join(folder, "log"), "a") as log:
    log.write(json.dumps({{"words": sys.argv[1:], "fed": fed}}) + "\\n")
said = told.get(verb, {{}})
print(said.get("out", ""), flush=True)
print(said.get("err", ""), file=sys.stderr, flush=True)
time.sleep(said.get("hangs", 0))
if said.get("interrupts", 0):
    os.kill(os.getppid(), signal.SIGINT)
    signal.sigwait([signal.SIGTERM])
if said.get("interrupts", 0) > 1:
    os.kill(os.getppid(), signal.SIGINT)
    while '["kill"' not in open(os.path.join(folder, "log")).read():
        time.sleep(0.005)
sys.exit(said.get("code", 0))
"""
PLAIN = {"Runtimes": {"runc": {}, "io.containerd.runc.v2": {}}, "CDISpecDirs": ["/etc/cdi"]}
TOOLKIT = {"Runtimes": {"runc": {}, "nvidia": {"path": "nvidia-container-runtime"}}}
DEVICES = {"Runtimes": {"runc": {}}, "DiscoveredDevices": [{"Source": "cdi", "ID": "nvidia.com/gpu=all"}]}


@dataclass(frozen=True)
class Docker:
    """The program."""

    folder: Path

    @property
    def programs(self) -> Path:
        """Where it lies."""
        return self.folder / "bin"

    def behaves(self, daemon: object = None, **told: dict[str, Any]) -> None:
        """Say what it does when it is told each verb; ``daemon`` is what that tells of itself."""
        answers = {"info": {"out": json.dumps(PLAIN if daemon is None else daemon)}, **told}
        (self.folder / "told.json").write_text(json.dumps(answers))

    def install(self) -> None:
        """Put it where it is found, with a daemon that answers and no GPU."""
        self.programs.mkdir()
        program = self.programs / "docker"
        program.write_text(DOCKER.format(python=sys.executable, folder=str(self.folder)))
        program.chmod(0o755)
        self.behaves()

    def calls(self, *verbs: str) -> list[list[str]]:
        """With which words it was called, but for the question what it can do."""
        words = [one["words"] for one in self.log()]
        return [one for one in words if one[0] in verbs or (not verbs and one[0] != "info")]

    def log(self) -> list[dict[str, Any]]:
        """Everything that it was asked."""
        log = self.folder / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """Docker, and a project whose working files lie elsewhere."""
    (tmp_path / "docker").mkdir()
    found = Docker(tmp_path / "docker")
    found.install()
    monkeypatch.setenv("PATH", f"{found.programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(folders, "STARTER", tmp_path / "work" / "starter")
    monkeypatch.setattr(folders, "TRAINED", tmp_path / "work" / "trained")
    return found


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `mlstack image run`; gives its exit code and what it and its children wrote."""

    def ran(*arguments: str | Path) -> tuple[int, str, str]:
        code = 0
        try:
            command.main(["image", "run", *map(str, arguments)])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        written = capfd.readouterr()
        return code, written.out, written.err

    return ran


def options(words: list[str]) -> dict[str, list[str]]:
    """The values of each option of a command, by its name; a switch has none."""
    found: dict[str, list[str]] = {}
    for here, following in zip(words, [*words[1:], ""], strict=True):
        if here.startswith("--"):
            found.setdefault(here, []).append("" if following.startswith("--") else following)
    return found
