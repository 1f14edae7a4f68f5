"""How tests look at instances."""

from typing import Any

Client = Any
"""botocore makes its clients' types at run time."""


def described(ec2: Client, name: str) -> dict[str, Any]:
    said: dict[str, Any] = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    return said


def labels(said: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in said["Tags"] if not tag["Key"].startswith("aws:")}


def living(ec2: Client) -> list[str]:
    filters = [{"Name": "instance-state-name", "Values": ["running", "stopped"]}]
    found = ec2.describe_instances(Filters=filters)["Reservations"]
    return [one["InstanceId"] for reservation in found for one in reservation["Instances"]]
