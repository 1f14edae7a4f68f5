"""The server as a process: started in the isolated environment, waited for, ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mlstack.errors import UserError
from mlstack.local import state
from mlstack.local.environment import Place, isolated
from mlstack.project import ROOT

PATIENCE_S = 60.0
LOG = "server.log"
MODULE = "mlstack.local.server"


def launch(folder: Path, region: str, account: str) -> tuple[subprocess.Popen[bytes], Place]:
    """Start a server for ``folder`` and wait until it listens; it outlives the caller unless it is ended."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    # The CDK CLI remembers which account our one key belongs to, and the next server may play another.
    (home / ".cdk" / "cache" / "accounts_partitions.json").unlink(missing_ok=True)
    _clear(folder)
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(folder), region, account],
            cwd=ROOT,
            env=isolated(os.environ, Place(port=0, region=region, account=account), home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        return process, _wait(folder, process)
    except BaseException:  # an interrupt too: nobody would know of it
        reap(process)
        raise


def end(pid: int) -> None:
    """Ask a server that somebody else started to end, and wait for it."""
    try:
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            if not state.alive(pid):
                return
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def reap(process: subprocess.Popen[bytes]) -> None:
    """End a server that this process started."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _clear(folder: Path) -> None:
    """Forget the server of before; end it if it is still there without answering."""
    found = state.read(folder)
    if found is not None and _is_server(found.pid, folder):
        end(found.pid)
    (folder / state.NAME).unlink(missing_ok=True)


def _is_server(pid: int, folder: Path) -> bool:
    """Whether a process is a server of ours for ``folder``, and not one that got its number."""
    try:
        said = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - wherever the system has it
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    except FileNotFoundError:
        return False
    return MODULE in said and str(folder) in said


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> Place:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        found = state.read(folder)
        if found is not None and found.pid == process.pid:
            return Place(port=found.port, region=found.region, account=found.account)
        time.sleep(0.05)
    reap(process)
    log = folder / LOG
    said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    message = f"the local AWS did not start: {said[-1] if said else 'it said nothing'}; see {log}"
    raise UserError(message)
