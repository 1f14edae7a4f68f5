"""AWS::IAM::InstanceProfile, which moto cannot change."""

import contextlib
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.named import fitting

Client = Any
LONGEST = 128


def _profile(iam: Client, name: str, properties: Properties) -> str:
    name = fitting(name, LONGEST)
    iam.create_instance_profile(InstanceProfileName=name, Path=properties.get("Path", "/"))
    _roles(iam, name, properties["Roles"], [])
    return name


def _roles(iam: Client, name: str, new: list[str], old: list[str]) -> None:
    for role in old:
        if role not in new:
            with contextlib.suppress(ClientError):  # the role may be gone already
                iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    for role in new:
        if role not in old:
            iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)


def _gone(iam: Client, name: str, properties: Properties) -> None:
    _roles(iam, name, [], properties["Roles"])
    iam.delete_instance_profile(InstanceProfileName=name)


def _arn(iam: Client, name: str) -> dict[str, str]:
    return {"Arn": str(iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Arn"])}


INSTANCE_PROFILE = Kind(
    type="AWS::IAM::InstanceProfile",
    service="iam",
    fixed=("InstanceProfileName", "Path"),
    create=_profile,
    update=lambda iam, name, new, old: _roles(iam, name, new["Roles"], old["Roles"]),
    delete=_gone,
    attributes=_arn,
)
