"""AWS::SageMaker::ModelPackageGroup: it is not deleted while it has versions."""

import json
from datetime import UTC
from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.named import named, tagged

NAMES = ("ModelPackageGroupArn", "ModelPackageGroupStatus")
GIVEN = ("ModelPackageGroupDescription", "Tags")
Client = Any


def _create(sagemaker: Client, name: str, properties: Properties) -> str:
    asked = {key: properties[key] for key in GIVEN if key in properties}
    arn = str(sagemaker.create_model_package_group(ModelPackageGroupName=name, **asked)["ModelPackageGroupArn"])
    _share(sagemaker, arn, properties)
    return arn


def _update(sagemaker: Client, arn: str, new: Properties, old: Properties) -> None:
    tagged(sagemaker, arn, new, old)
    if new.get("ModelPackageGroupPolicy") != old.get("ModelPackageGroupPolicy"):
        _share(sagemaker, arn, new)


def _share(sagemaker: Client, arn: str, properties: Properties) -> None:
    """Put its policy; the local SageMaker refuses that, and says so."""
    if "ModelPackageGroupPolicy" in properties:
        policy = json.dumps(properties["ModelPackageGroupPolicy"])
        sagemaker.put_model_package_group_policy(ModelPackageGroupName=named(arn), ResourcePolicy=policy)


def _attributes(sagemaker: Client, arn: str) -> dict[str, str]:
    said = sagemaker.describe_model_package_group(ModelPackageGroupName=named(arn))
    made = said["CreationTime"].astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**{name: str(said[name]) for name in NAMES}, "CreationTime": made}


MODEL_PACKAGE_GROUP = Kind(
    type="AWS::SageMaker::ModelPackageGroup",
    service="sagemaker",
    fixed=("ModelPackageGroupName", "ModelPackageGroupDescription"),
    create=_create,
    update=_update,
    delete=lambda sagemaker, arn, _: sagemaker.delete_model_package_group(ModelPackageGroupName=named(arn)),
    attributes=_attributes,
)
