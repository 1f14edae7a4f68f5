"""AWS::EC2::Instance: moto's knows no launch template, no metadata options, and no change."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties, tags
from mlstack.local.cloudformation.ec2_tags import retagged, specification
from mlstack.local.cloudformation.failure import FinalError
from mlstack.local.cloudformation.typed import typed

Client = Any
AS_IN_THE_CALL = (
    "BlockDeviceMappings",
    "CpuOptions",
    "CreditSpecification",
    "DisableApiTermination",
    "EbsOptimized",
    "EnclaveOptions",
    "HibernationOptions",
    "ImageId",
    "InstanceInitiatedShutdownBehavior",
    "InstanceType",
    "KeyName",
    "LaunchTemplate",
    "MetadataOptions",
    "PrivateIpAddress",
    "SecurityGroupIds",
    "SecurityGroups",
    "SubnetId",
)
"""Properties that RunInstances has under the same name and in the same shape."""
OTHERWISE = ("AvailabilityZone", "IamInstanceProfile", "Monitoring", "NetworkInterfaces", "Tags", "UserData")
FIXED = (
    "",
    "AvailabilityZone",
    "BlockDeviceMappings",
    "CpuOptions",
    "EnclaveOptions",
    "HibernationOptions",
    "ImageId",
    "KeyName",
    "LaunchTemplate",
    "NetworkInterfaces",
    "PrivateIpAddress",
    "SecurityGroups",
    "SubnetId",
)
"""No name: EC2 gives it."""
WHILE_STOPPED = ("EbsOptimized", "InstanceType", "UserData")
DEFAULTS = {"InstanceInitiatedShutdownBehavior": "stop", "DisableApiTermination": False, "EbsOptimized": False}
"""What an instance has again when its template no longer says anything."""


def _made(ec2: Client, _name: str, properties: Properties) -> str:
    unknown = sorted(properties.keys() - {*AS_IN_THE_CALL, *OTHERWISE})
    if unknown:
        message = f"the local AWS makes no instance with {', '.join(unknown)}"
        raise FinalError(message)
    asked = {key: properties[key] for key in AS_IN_THE_CALL if key in properties}
    for key, call in CALLED.items():
        if key in properties:
            asked |= call(properties[key])
    asked |= {"TagSpecifications": specification("instance", tags(properties))} if tags(properties) else {}
    if "UserData" in properties:  # the client encodes it again
        asked["UserData"] = base64.b64decode(properties["UserData"]).decode()
    made = ec2.run_instances(**typed("ec2", "RunInstances", {**asked, "MinCount": 1, "MaxCount": 1}))
    return str(made["Instances"][0]["InstanceId"])


def _interfaces(said: list[Properties]) -> Properties:
    return {"NetworkInterfaces": [{("Groups" if k == "GroupSet" else k): v for k, v in one.items()} for one in said]}


CALLED: Mapping[str, Callable[[Any], Properties]] = {
    "AvailabilityZone": lambda said: {"Placement": {"AvailabilityZone": said}},
    "IamInstanceProfile": lambda said: {"IamInstanceProfile": {"Name": said}},
    "Monitoring": lambda said: {"Monitoring": {"Enabled": said}},
    "NetworkInterfaces": _interfaces,
}


def _again(ec2: Client, name: str, new: Properties, old: Properties) -> None:
    changed = {key for key in {*new, *old} if new.get(key) != old.get(key)}
    unknown = sorted(changed - {*CHANGES, "IamInstanceProfile", "Tags"})
    if unknown:
        message = f"the local AWS cannot change {', '.join(unknown)} of an instance"
        raise FinalError(message)
    if "Tags" in changed:
        retagged(ec2, name, tags(new), tags(old))
    if "IamInstanceProfile" in changed:
        _profile(ec2, name, new.get("IamInstanceProfile"))
    for key in sorted(changed & CHANGES.keys() - {*WHILE_STOPPED}):
        CHANGES[key](ec2, name, new.get(key, DEFAULTS.get(key)))
    if changed & {*WHILE_STOPPED}:
        _while_stopped(ec2, name, {key: new.get(key, DEFAULTS.get(key)) for key in changed & {*WHILE_STOPPED}})


def _while_stopped(ec2: Client, name: str, changed: Properties) -> None:
    """As CloudFormation does it: stop it where it runs, change it, start it where it ran."""
    runs = _described(ec2, name)["State"]["Name"] == "running"
    if runs:
        ec2.stop_instances(InstanceIds=[name])
    try:
        for key, value in changed.items():
            CHANGES[key](ec2, name, value)
    finally:
        if runs:
            ec2.start_instances(InstanceIds=[name])


def _profile(ec2: Client, name: str, profile: str | None) -> None:
    filters = [{"Name": "instance-id", "Values": [name]}]
    said = ec2.describe_iam_instance_profile_associations(Filters=filters)["IamInstanceProfileAssociations"]
    for association in said:
        ec2.disassociate_iam_instance_profile(AssociationId=association["AssociationId"])
    if profile:
        ec2.associate_iam_instance_profile(InstanceId=name, IamInstanceProfile={"Name": profile})


def _groups(ec2: Client, name: str, groups: list[str] | None) -> object:
    if groups is None:
        message = "the local AWS cannot take the security groups of an instance away; name one"
        raise FinalError(message)
    return ec2.modify_instance_attribute(InstanceId=name, Groups=groups)


def _attribute(key: str) -> Callable[[Client, str, Any], object]:
    def change(ec2: Client, name: str, value: Any) -> object:  # noqa: ANN401 - JSON
        if value is None:
            message = f"the local AWS knows no default of {key}; say it"
            raise FinalError(message)
        asked = {"InstanceId": name, key: {"Value": value}}
        return ec2.modify_instance_attribute(**typed("ec2", "ModifyInstanceAttribute", asked))

    return change


def _user_data(ec2: Client, name: str, value: str | None) -> object:
    return ec2.modify_instance_attribute(InstanceId=name, UserData={"Value": base64.b64decode(value or "")})


CHANGES: Mapping[str, Callable[[Client, str, Any], object]] = {
    "DisableApiTermination": _attribute("DisableApiTermination"),
    "EbsOptimized": _attribute("EbsOptimized"),
    "InstanceInitiatedShutdownBehavior": _attribute("InstanceInitiatedShutdownBehavior"),
    "InstanceType": _attribute("InstanceType"),
    "SecurityGroupIds": _groups,
    "UserData": _user_data,
}


def _described(ec2: Client, name: str) -> Mapping[str, Any]:
    [reservation] = ec2.describe_instances(InstanceIds=[name])["Reservations"]
    said: Mapping[str, Any] = reservation["Instances"][0]
    return said


def _attributes(ec2: Client, name: str) -> dict[str, str]:
    said = _described(ec2, name)
    found = {
        "AvailabilityZone": said["Placement"]["AvailabilityZone"],
        "InstanceId": name,
        "PrivateDnsName": said.get("PrivateDnsName", ""),
        "PrivateIp": said.get("PrivateIpAddress", ""),
        "PublicDnsName": said.get("PublicDnsName", ""),
        "PublicIp": said.get("PublicIpAddress", ""),
        "State.Code": str(said["State"]["Code"]),
        "State.Name": said["State"]["Name"],
        "VpcId": said.get("VpcId", ""),
    }
    return {key: str(value) for key, value in found.items()}


INSTANCE = Kind(
    type="AWS::EC2::Instance",
    service="ec2",
    fixed=FIXED,
    create=_made,
    update=_again,
    delete=lambda ec2, name, _: ec2.terminate_instances(InstanceIds=[name]),
    attributes=_attributes,
)
