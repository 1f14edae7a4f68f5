"""One version of a model in its group."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from training_request.facts import Package

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_MOST_PAGES = 20


def package(client: "SageMakerClient", group: str, version: int) -> tuple[Package | None, tuple[int, ...]]:
    """The version, None where the group has none such, and the versions that it has, the newest first."""
    found: dict[int, str] = {}
    more: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        answer = client.list_model_packages(
            ModelPackageGroupName=group,
            MaxResults=100,
            SortBy="CreationTime",
            SortOrder="Descending",
            **more,  # type: ignore[arg-type]  # a page's token is a text
        )
        for one in answer["ModelPackageSummaryList"]:
            found[one.get("ModelPackageVersion", 0)] = one["ModelPackageArn"]
        if version in found or not answer.get("NextToken"):
            break
        more = {"NextToken": answer["NextToken"]}
    versions = tuple(sorted(found, reverse=True))
    return (_described(client, found[version], version) if version in found else None), versions


def _described(client: "SageMakerClient", arn: str, version: int) -> Package:
    told = client.describe_model_package(ModelPackageName=arn)
    inference: Mapping[str, Any] = told.get("InferenceSpecification", {})
    first: Mapping[str, Any] = next(iter(inference.get("Containers", ())), {})
    return Package(
        arn=arn,
        version=version,
        status=told["ModelPackageStatus"],
        approval=told.get("ModelApprovalStatus", "PendingManualApproval"),
        image=first.get("Image", ""),
        artifacts=first.get("ModelDataUrl", ""),
        environment=first.get("Environment", {}),
        content_types=tuple(inference.get("SupportedContentTypes", ())),
        response_types=tuple(inference.get("SupportedResponseMIMETypes", ())),
        metadata=told.get("CustomerMetadataProperties", {}),
    )
