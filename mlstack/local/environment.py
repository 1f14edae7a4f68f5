"""The environment of every process of the local AWS: nothing in it can reach the real one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "123456789012"
REGION = "us-east-1"
ACCESS_KEY = "LOCALAWSEXAMPLEKEY00"
SECRET_KEY = "this-is-no-secret"  # noqa: S105 - there is no secret: the local AWS checks none
LOOPBACK = "localhost,127.0.0.1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the local AWS listens and whom it plays."""

    port: int
    region: str = REGION
    account: str = ACCOUNT

    @property
    def endpoint(self) -> str:
        """The endpoint; by name, because moto knows a template's address by the word localhost."""
        return f"http://localhost:{self.port}"


def aws(place: Place) -> dict[str, str]:
    """The AWS_* variables of a program that may speak to ``place`` and to nothing else."""
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": place.region,
        "AWS_DEFAULT_REGION": place.region,
        "AWS_ENDPOINT_URL": place.endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": LOOPBACK,
        "no_proxy": LOOPBACK,
    }


def isolated(caller: Mapping[str, str], place: Place, home: Path) -> dict[str, str]:
    """The caller's environment without anything of AWS's, with ours instead, and a home folder of its own."""
    kept = {name: value for name, value in caller.items() if not name.startswith(("AWS_", "MOTO_", "CDK_", "TEST_"))}
    return {**kept, **aws(place), "HOME": str(home), "CDK_HOME": str(home / ".cdk")}
