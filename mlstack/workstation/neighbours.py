"""The other stages of the account that have workstations, for who has named a stage that has none."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.text import printable

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient


def stages_with_workstations(ssm: "SSMClient", project: str) -> list[str]:
    """Their names, by the parameters of their workstations; none where those may not be read."""
    try:
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=f"/{project}/", Recursive=True)
        names = [one["Name"].split("/") for page in pages for one in page["Parameters"]]
    except (BotoCoreError, ClientError):  # the line that would name them says enough without
        return []
    return sorted({printable(parts[2]) for parts in names if len(parts) == 5 and parts[3] == "workstations"})  # noqa: PLR2004 ("", project, stage, workstations, name)
