"""What a destroy leaves on purpose: found before it, so that nobody takes it for a leftover after it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from mlstack.local.leftovers import Resource, inventory, names

Client = Callable[[str], Any]
TRAINED_MODELS = "Custom::TrainedModels"
STAGE = "mlstack:stage"
INSTANCE = "AWS::EC2::Instance"


def retained(client: Client, stacks: Sequence[str]) -> frozenset[Resource]:
    """What exists now and outlives the deployed stacks, by the templates that they were deployed with."""
    known: set[str] = set()
    found: set[Resource] = set()
    for stack in stacks:
        for body, physical_id in _resources(client("cloudformation"), stack):
            if body.get("DeletionPolicy", "Delete") != "Delete":
                known.add(_apart_from_host(physical_id))
            if body["Type"] == TRAINED_MODELS and body["Properties"].get("EmptyGroups") == "false":
                found.update(_groups(client("sagemaker"), body["Properties"]["Stage"]))
            if body["Type"] == INSTANCE:
                found.update(_disks(client("ec2"), physical_id))
    if known:
        found.update(one for one in inventory(client) if _apart_from_host(one.name) in known)
    return frozenset(found)


def _apart_from_host(name: str) -> str:
    """A queue's URL has AWS's host in a stack and this machine's in a list."""
    return urlsplit(name).path if "://" in name else name


def _resources(cloudformation: Any, stack: str) -> Iterator[tuple[Mapping[str, Any], str]]:  # noqa: ANN401 - a client
    """Each resource as the template has it, with its physical name."""
    template = cloudformation.get_template(StackName=stack)["TemplateBody"]  # botocore reads JSON, and all are
    for one in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
        if one["LogicalResourceId"] in template["Resources"]:
            yield template["Resources"][one["LogicalResourceId"]], one["PhysicalResourceId"]


def _groups(sagemaker: Any, stage: str) -> Iterator[Resource]:  # noqa: ANN401 - a client
    """The groups of versions of a stage, those of models that left its profile too, and their versions."""
    group, version = "model package group", "model package"
    for name in names(sagemaker, group, NameContains=f"mlstack-{stage}-"):
        arn = sagemaker.describe_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
        if {"Key": STAGE, "Value": stage} in sagemaker.list_tags(ResourceArn=arn)["Tags"]:
            yield Resource(group, name)
            yield from (Resource(version, one) for one in names(sagemaker, version, ModelPackageGroupName=name))


def _disks(ec2: Any, instance: str) -> Iterator[Resource]:  # noqa: ANN401 - a client
    """The disks that outlive their instance."""
    asked = [{"Name": "instance-id", "Values": [instance]}]
    for reservation in ec2.describe_instances(Filters=asked)["Reservations"]:
        for one in reservation["Instances"]:
            disks = (mapped["Ebs"] for mapped in one["BlockDeviceMappings"])
            yield from (Resource("volume", disk["VolumeId"]) for disk in disks if not disk["DeleteOnTermination"])
