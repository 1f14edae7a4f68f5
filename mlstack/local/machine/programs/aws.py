"""The machine's `aws`: over boto3, for the one form in which the project's scripts and agent call it.

`aws SERVICE OPERATION --region REGION --cli-input-json JSON [OUTFILE] [--output json]`
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SERVICES = {"s3api": "s3"}
FAULT, USAGE = 254, 252
"""The codes with which AWS's own ends for a refusal, and for what it does not understand."""


class Form(argparse.ArgumentParser):
    """The one form."""

    def error(self, message: str) -> NoReturn:
        """Raise ValueError, with which AWS's own code comes."""
        raise ValueError(message)


def main(arguments: Sequence[str]) -> int:
    """Call the operation, print its answer, and say how it went."""
    parser = Form(prog="aws")
    for name in ("service", "operation"):
        parser.add_argument(name)
    parser.add_argument("outfile", nargs="?", type=Path)
    parser.add_argument("--region", required=True)
    parser.add_argument("--cli-input-json", required=True, type=json.loads)
    parser.add_argument("--output", choices=["json"])
    try:
        asked = parser.parse_intermixed_args(arguments)
        config = Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}, proxies={})
        service = SERVICES.get(asked.service, asked.service)
        client = boto3.client(service, region_name=asked.region, config=config)
        said = getattr(client, xform_name(_pascal(asked.operation)))(**asked.cli_input_json)
    except (ClientError, BotoCoreError) as error:
        sys.stderr.write(f"\n{error}\n")
        return FAULT
    except (ValueError, AttributeError, TypeError) as error:
        sys.stderr.write(f"\naws: the local AWS's machines know one form of this command only: {error}\n")
        return USAGE
    body = said.pop("Body", None)
    if body is not None:
        if asked.outfile is None:
            sys.stderr.write("\naws: the following arguments are required: outfile\n")
            return USAGE
        asked.outfile.write_bytes(body.read())
    said.pop("ResponseMetadata", None)
    if said:
        sys.stdout.write(json.dumps(said, indent=4, default=_text) + "\n")
    return 0


def _pascal(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("-"))


def _text(value: Any) -> str:  # noqa: ANN401 - dates, and whatever else JSON lacks
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
