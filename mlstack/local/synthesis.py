"""Synthesizes a profile for the local AWS before one is started, so that a bad profile starts nothing."""

import os
from pathlib import Path

from mlstack.assembly import Assembly
from mlstack.errors import UserError
from mlstack.local import guard
from mlstack.local.cdk import Cdk, Tell, silent
from mlstack.local.environment import ACCOUNT, REGION, Place
from mlstack.local.profile import resolve

NOWHERE = Place(port=0)


def synthesize(folder: Path, profile: str | None = None, tell: Tell = silent) -> Assembly:
    """Write and read the cloud assembly of a profile (a name or a path) in ``folder``.

    Raises:
        UserError: where real AWS could be reached, or the profile cannot be used.
    """
    guard.check(os.environ)
    context = [] if profile is None else [f"profile={resolve(profile)}"]
    cdk = Cdk(place=NOWHERE, folder=folder)
    cdk.synth(context, tell)
    return Assembly.read(cdk.assembly)


def home(assembly: Assembly) -> tuple[str, str]:
    """The region and account that the assembly's stacks want; the usual ones where they leave it open."""
    wanted = {stack.environment for stack in assembly.stacks}
    if len(wanted) != 1:
        message = f"the local AWS plays one account and region, and the stacks want {', '.join(sorted(wanted))}"
        raise UserError(message)
    account, _, region = wanted.pop().removeprefix("aws://").partition("/")
    return region if region != "unknown-region" else REGION, account if account != "unknown-account" else ACCOUNT
