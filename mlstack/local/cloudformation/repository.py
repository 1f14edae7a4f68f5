"""AWS::ECR::Repository with everything that moto leaves out of it: policies, scanning, what becomes of its images."""

import json
from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties, tags
from mlstack.local.cloudformation.named import fitting
from mlstack.local.cloudformation.spelling import lower

Client = Any
LONGEST = 256


def _create(ecr: Client, name: str, properties: Properties) -> str:
    asked = {
        "encryptionConfiguration": lower(properties.get("EncryptionConfiguration")),
        "imageScanningConfiguration": lower(properties.get("ImageScanningConfiguration")),
        "imageTagMutability": properties.get("ImageTagMutability"),
        "imageTagMutabilityExclusionFilters": _exclusions(properties),
        "tags": _tags(properties),
    }
    name = name if properties.get("RepositoryName") else fitting(name, LONGEST).lower()
    ecr.create_repository(repositoryName=name, **{key: value for key, value in asked.items() if value})
    _policies(ecr, name, properties, {})
    return name


def _update(ecr: Client, name: str, new: Properties, old: Properties) -> None:
    exclusions = _exclusions(new)
    ecr.put_image_tag_mutability(
        repositoryName=name,
        imageTagMutability=new.get("ImageTagMutability", "MUTABLE"),
        **({"imageTagMutabilityExclusionFilters": exclusions} if exclusions else {}),
    )
    scanning = new.get("ImageScanningConfiguration", {"ScanOnPush": False})
    ecr.put_image_scanning_configuration(repositoryName=name, imageScanningConfiguration=lower(scanning))
    _policies(ecr, name, new, old)
    arn = _attributes(ecr, name)["Arn"]
    lost = [key for key in tags(old) if key not in tags(new)]
    if lost:
        ecr.untag_resource(resourceArn=arn, tagKeys=lost)
    if tags(new):
        ecr.tag_resource(resourceArn=arn, tags=_tags(new))


def _policies(ecr: Client, name: str, new: Properties, old: Properties) -> None:
    life, life_before = ((said.get("LifecyclePolicy") or {}).get("LifecyclePolicyText") for said in (new, old))
    if life:
        ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=life)
    elif life_before:
        ecr.delete_lifecycle_policy(repositoryName=name)
    if new.get("RepositoryPolicyText"):
        text = new["RepositoryPolicyText"]
        ecr.set_repository_policy(repositoryName=name, policyText=text if isinstance(text, str) else json.dumps(text))
    elif old.get("RepositoryPolicyText"):
        ecr.delete_repository_policy(repositoryName=name)


def _exclusions(properties: Properties) -> list[dict[str, str]]:
    prefix = "ImageTagMutabilityExclusionFilter"
    return [
        {"filterType": one[f"{prefix}Type"], "filter": one[f"{prefix}Value"]}
        for one in properties.get(f"{prefix}s", [])
    ]


def _tags(properties: Properties) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags(properties).items()]


def _attributes(ecr: Client, name: str) -> dict[str, str]:
    [said] = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    return {"Arn": said["repositoryArn"], "RepositoryUri": said["repositoryUri"]}


REPOSITORY = Kind(
    type="AWS::ECR::Repository",
    service="ecr",
    fixed=("RepositoryName", "EncryptionConfiguration"),
    create=_create,
    update=_update,
    delete=lambda ecr, name, said: ecr.delete_repository(repositoryName=name, force=bool(said.get("EmptyOnDelete"))),
    attributes=_attributes,
)
