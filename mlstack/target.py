"""The deployed stage that a command means, as options that several commands share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from mlstack import account, deployment

DEFAULT_STAGE = "sandbox"


@dataclass(frozen=True, slots=True)
class Target:
    """One stage in one account."""

    account: account.Account
    stage: str
    region: str | None = None
    """The region of a real account, where it was said."""

    @property
    def shown(self) -> str:
        """What a person reads."""
        return f"stage {self.stage} on {self.account.shown}"

    def outputs(self, stack: str) -> dict[str, str]:
        """The outputs of one stack of the stage, such as Vision; raise UserError where it is not deployed."""
        return deployment.outputs(self.account, self.stage, stack)

    def command(self, words: str) -> str:
        """Another command for the same stage, as a person types it."""
        stage = "" if self.stage == DEFAULT_STAGE else f" --stage {self.stage}"
        where = "" if self.account.is_local else " --aws"
        region = f" --region {self.region}" if self.region else ""
        return f"mlstack {words}{stage}{where}{region}"


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that name a stage; it gets them as ``target``."""

    @click.option("--stage", default=DEFAULT_STAGE, show_default=True, help="The deployed stage.")
    @click.option("--local", "where", flag_value="local", help="Use the local AWS.  [default]")
    @click.option("--aws", "where", flag_value="aws", help="Use the real account of your AWS credentials.")
    @click.option("--region", help="The region of a real account.  [default: your AWS configuration's]")
    @wraps(command)
    def aimed(
        stage: str,
        where: account.Where | None,
        region: str | None,
        **others: Any,  # noqa: ANN401 - the command's own options
    ) -> None:
        if region and where != "aws":
            message = "--region goes with --aws; the local AWS knows its own"
            raise click.UsageError(message)
        command(**others, target=Target(account.choose(where, region), stage, region))

    return aimed
