"""The other stages of the account that have something, for who has named a stage that has none."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.text import printable

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

WORKSTATIONS = "workstations"


def stages_with(ssm: "SSMClient", project: str, kind: str) -> list[str]:
    """Their names, by the parameters /project/stage/kind/name; none where those may not be read."""
    try:
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=f"/{project}/", Recursive=True)
        names = [one["Name"].removeprefix(f"/{project}/") for page in pages for one in page["Parameters"]]
    except (BotoCoreError, ClientError):  # the line that would name them says enough without
        return []
    found = (name.partition("/") for name in names)
    return sorted({printable(stage) for stage, _, rest in found if rest.rpartition("/")[0] == kind})
