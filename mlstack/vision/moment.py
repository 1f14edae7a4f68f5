"""A day, or a second of one, as an option."""

from datetime import UTC, datetime
from typing import Any

import click


class Moment(click.DateTime):
    """A date, with a time if wanted; in UTC."""

    name = "date"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's own
        """How the help calls it, whatever the formats."""
        return "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401 - click's
        """Read it; what names another zone is moved to UTC."""
        try:
            read = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is no date; write 2026-01-31 or 2026-01-31T09:30", param, ctx)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
