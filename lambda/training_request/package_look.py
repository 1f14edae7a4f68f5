"""One version of a model in its group."""

from typing import TYPE_CHECKING

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
    inference = told.get("InferenceSpecification")
    containers = inference["Containers"] if inference else []
    first = containers[0] if containers else None
    return Package(
        arn=arn,
        version=version,
        status=told["ModelPackageStatus"],
        approval=told.get("ModelApprovalStatus", "PendingManualApproval"),
        image=first.get("Image", "") if first else "",
        artifacts=first.get("ModelDataUrl", "") if first else "",
        environment=first.get("Environment", {}) if first else {},
        content_types=tuple(inference.get("SupportedContentTypes", ())) if inference else (),
        response_types=tuple(inference.get("SupportedResponseMIMETypes", ())) if inference else (),
        metadata=told.get("CustomerMetadataProperties", {}),
    )
