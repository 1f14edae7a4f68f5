"""The versions of a model, as SageMaker's registry has them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.training.shown import APPROVED
from mlstack.training.stage import Stage
from mlstack.training.words import LATEST_APPROVED
from mlstack.training.words import Version as Wanted

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

NO_SUCH = "does not exist"
UNSAID = "no reason was given"


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One registered version."""

    model: str
    number: int
    arn: str
    approval: str
    status: str
    created: datetime
    description: str = ""
    because: str = ""
    """What the person wrote who decided."""
    metadata: Mapping[str, str]
    report: str = ""
    """Where its evaluation lies."""
    artifacts: str = ""

    @classmethod
    def read(cls, model: str, told: Mapping[str, Any]) -> Self:
        """Read a description of SageMaker's."""
        quality = told.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
        containers = told.get("InferenceSpecification", {}).get("Containers") or [{}]
        return cls(
            model=model,
            number=told["ModelPackageVersion"],
            arn=told["ModelPackageArn"],
            approval=told.get("ModelApprovalStatus", ""),
            status=told["ModelPackageStatus"],
            created=told["CreationTime"],
            description=told.get("ModelPackageDescription", ""),
            because=told.get("ApprovalDescription", ""),
            metadata=told.get("CustomerMetadataProperties", {}),
            report=quality.get("S3Uri", ""),
            artifacts=containers[0].get("ModelDataUrl", ""),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """All versions of the stage's models."""

    sagemaker: "SageMakerClient"
    stage: Stage

    @classmethod
    def of(cls, stage: Stage) -> Self:
        """That of a deployed stage."""
        return cls(sagemaker=stage.client("sagemaker"), stage=stage)

    def versions(self, model: str, *, most: int | None = None, **asked: Any) -> Iterator[Version]:  # noqa: ANN401 - filters
        """The versions of a model, newest first."""
        pages = self.sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=self.stage.group(model), SortBy="CreationTime", SortOrder="Descending", **asked
        )
        listed = (one["ModelPackageArn"] for page in pages for one in page["ModelPackageSummaryList"])
        for number, arn in enumerate(listed):
            if most is not None and number >= most:
                return
            yield self._described(model, arn)

    def find(self, model: str, wanted: Wanted) -> Version:
        """One version; raise UserError where there is none."""
        name = self.stage.model(model)
        if isinstance(wanted, int):
            return self._numbered(name, wanted)
        only: dict[str, Any] = {"ModelApprovalStatus": APPROVED} if wanted == LATEST_APPROVED else {}
        found = next(self.versions(name, **only), None)
        if found is None:
            command = self.stage.target.command(f"models list {name}")
            what = "approved version" if only else "version"
            message = f"{name} has no {what}; see `{command}`"
            raise UserError(message)
        return found

    def decide(self, version: Version, approval: str, because: str | None) -> None:
        """Approve or reject a version."""
        self.sagemaker.update_model_package(
            ModelPackageArn=version.arn,
            ModelApprovalStatus=approval,  # type: ignore[arg-type] # one of its three words
            ApprovalDescription=because or UNSAID,  # or the reason of the decision before would stay
        )

    def delete(self, version: Version) -> None:
        """Delete a version for good."""
        self.sagemaker.delete_model_package(ModelPackageName=version.arn)

    def _numbered(self, model: str, number: int) -> Version:
        for page in self.sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=self.stage.group(model)
        ):
            for one in page["ModelPackageSummaryList"]:
                if one.get("ModelPackageVersion") == number:
                    return self._described(model, one["ModelPackageArn"])
        command = self.stage.target.command(f"models list {model}")
        message = f"{model} has no version {number}; see `{command}`"
        raise UserError(message)

    def _described(self, model: str, arn: str) -> Version:
        try:
            return Version.read(model, self.sagemaker.describe_model_package(ModelPackageName=arn))
        except ClientError as error:
            if NO_SUCH not in str(error):
                raise
            command = self.stage.target.command(f"models list {model}")
            message = f"{arn.rpartition('/')[2]} of {model} was deleted meanwhile; see `{command}`"
            raise UserError(message) from error
