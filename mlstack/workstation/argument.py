"""What several commands of a workstation ask for."""

import click

PATIENCE_S = 900
name_argument = click.argument("name", metavar="[NAME]", required=False)
timeout_option = click.option(
    "--timeout", default=PATIENCE_S, show_default=True, type=click.IntRange(1, 7200), help="Seconds to wait for it."
)
