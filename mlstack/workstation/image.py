"""The image a machine was made of, and whether AWS has published a newer one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.text import printable
from mlstack.workstation.machine import Machine
from mlstack.workstation.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """What is known of it."""

    id: str
    latest: str = ""
    """The latest of its line; empty where the profile pins one image, or where nobody can say."""
    fault: str = ""
    """Why nobody can say."""

    @property
    def newer(self) -> str:
        """The id of a newer one; empty where there is none."""
        return self.latest if self.latest != self.id else ""

    @property
    def shown(self) -> str:
        """What a person reads."""
        if self.fault:
            return f"{self.id}; whether there is a newer one is not known: {self.fault}"
        if self.newer:
            return f"{self.id}; {self.newer} is newer: raise `edition` to take it, the disk is made anew"
        return f"{self.id}, the latest" if self.latest else self.id


def image_of(ssm: "SSMClient", machine: Machine, settings: Settings | None) -> Image:
    """The image of a machine; that AWS cannot be asked for the latest is part of the answer."""
    if settings is None or not settings.follows_latest:
        return Image(id=machine.image_id)
    try:
        latest = ssm.get_parameter(Name=settings.image)["Parameter"]["Value"]
    except ClientError as error:
        gone = error.response.get("Error", {}).get("Code") == "ParameterNotFound"
        fault = f"AWS publishes {settings.image} no more" if gone else " ".join(str(error).split())
        return Image(id=machine.image_id, fault=printable(fault))
    except BotoCoreError as error:
        return Image(id=machine.image_id, fault=printable(" ".join(str(error).split())))
    return Image(id=machine.image_id, latest=printable(latest))
