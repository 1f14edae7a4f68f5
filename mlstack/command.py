"""`mlstack`: one command line over everything the project can do."""

import sys
from collections.abc import Iterable
from typing import cast

import click
from botocore.exceptions import BotoCoreError, ClientError

from mlstack.console import err, out
from mlstack.demo import demo
from mlstack.ecs.command import run, service
from mlstack.endpoint.command import endpoint, predict
from mlstack.errors import UserError
from mlstack.image.command import image
from mlstack.local.command import local
from mlstack.notebook.command import notebook
from mlstack.training.command import compile_, deploy, train, transform, tune
from mlstack.training.models.command import models
from mlstack.vision.command import vision
from mlstack.vision.faces.command import faces
from mlstack.workstation.command import workstation

MISUSED = 2
INTERRUPTED = 130
LACKING, LOCAL = "NotImplemented", "local AWS"
"""The code of what the local AWS lacks, which S3 has too, and the words that its messages have."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="mlstack")
def mlstack() -> None:
    """The AWS ML stack as code.

    Start with `make demo`: it deploys everything to an AWS that runs on this machine.
    """


layer_1 = (vision, faces)
layer_2 = (notebook, train, tune, models, compile_, transform, deploy, endpoint, predict, image)
layer_3 = (workstation, run, service)
for command in (demo, *layer_1, *layer_2, *layer_3, local):
    mlstack.add_command(command)


def meant(words: Iterable[str]) -> str:
    """The command that these words name, as far as they do: click does not say whose option is wrong."""
    path, here = "mlstack", cast("click.Command", mlstack)
    for word in words:
        if not isinstance(here, click.Group) or word not in here.commands:
            break
        path, here = f"{path} {word}", here.commands[word]
    return path


def answered(error: ClientError) -> str:
    """What AWS said, or the local AWS of what it cannot do."""
    said = str(error.response.get("Error", {}).get("Message", ""))
    is_lacking = error.response.get("Error", {}).get("Code") == LACKING and LOCAL in said
    return " ".join((said if is_lacking else f"AWS answered: {error}").split())


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every problem a person can mend is one line on stderr and exit code 2."""
    try:
        mlstack.main(args=arguments, prog_name="mlstack", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        out.print(error.format_message(), markup=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else meant(sys.argv[1:] if arguments is None else arguments)
        reason = " ".join(error.format_message().split()).rstrip(".")
        err.print(f"{path}: {reason}; see `{path} --help`", markup=False)
        sys.exit(MISUSED)
    except (UserError, click.ClickException) as error:
        err.print(f"mlstack: {error}", markup=False)
        sys.exit(MISUSED)
    except ClientError as error:
        err.print(f"mlstack: {answered(error)}", markup=False)
        sys.exit(MISUSED)
    except BotoCoreError as error:  # a wrong setting, or no connection: AWS has not answered
        err.print(f"mlstack: AWS could not be asked: {' '.join(str(error).split())}", markup=False)
        sys.exit(MISUSED)
    except OSError as error:
        err.print(f"mlstack: {error.strerror or error}: {error.filename or 'no file named'}", markup=False)
        sys.exit(MISUSED)
    except (click.Abort, KeyboardInterrupt):
        err.print("mlstack: interrupted")  # click has ended the terminal's line with its ^C
        sys.exit(INTERRUPTED)
