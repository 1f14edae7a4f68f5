"""Sessions of AWS's Session Manager: the AWS CLI opens them, with a plugin that AWS installs apart."""

import json
import shlex
import shutil
from collections.abc import Mapping, Sequence

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.workstation.machine import Machine
from mlstack.workstation.workstation import Workstation

INTERACTIVE = "AWS-StartInteractiveCommand"
SILENT = "AWS-StartNonInteractiveCommand"
FORWARD = "AWS-StartPortForwardingSession"
SSH = "AWS-StartSSHSession"
NEEDED = {
    "aws": (
        "the AWS CLI",
        "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    ),
    "session-manager-plugin": (
        "AWS's session-manager-plugin",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html",
    ),
}


def refuse_local(found: Workstation) -> None:
    """Raise UserError on the local AWS."""
    if found.target.account.is_local:
        message = (
            "the local AWS runs a machine's scripts, and nobody can log in to it; `mlstack local status` shows where "
            "its log is, and --aws logs in to a workstation in your own account"
        )
        raise UserError(message)


def note_local(found: Workstation) -> None:
    """Say on the local AWS that what is printed works elsewhere only."""
    if found.target.account.is_local:
        err.print("shown as it would be in your own account: nobody can log in on the local AWS", markup=False)


def demand_tools() -> None:
    """Raise UserError where a program is missing on this machine."""
    for program, (name, source) in NEEDED.items():
        if shutil.which(program) is None:
            message = f"{name} is not installed on this machine; see {source}"
            raise UserError(message)


def command(found: Workstation, machine: Machine, document: str, parameters: Mapping[str, str]) -> list[str]:
    """The words that open a session."""
    values = json.dumps({key: [value] for key, value in parameters.items()})
    words = ["--target", machine.id, "--document-name", document, "--parameters", values, "--region", found.region]
    return ["aws", "ssm", "start-session", *words]


def as_login(login: str, words: Sequence[str]) -> str:
    """A command line for the machine, which runs these words as its login user.

    Session Manager's own user may become any other, and has no home that is worth anything.
    """
    return shlex.join(["sudo", "-H", "-n", "-u", login, "--", *words])
