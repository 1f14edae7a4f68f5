"""CreateTransformJob and what belongs to it."""

from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.admission import check_data
from mlstack.local.sagemaker.job.jobs import IN_USE, Jobs, Kind
from mlstack.local.sagemaker.job.transform_record import Transform, described, summary
from mlstack.local.sagemaker.job.transform_run import TransformRun
from mlstack.local.sagemaker.model import Models
from mlstack.local.sagemaker.registry import INVALID, Refusal

KIND: Kind[Transform] = Kind(
    title="TransformJob",
    arn="transform-job",
    words="transform job",
    described=described,
    summary=summary,
    missing=Refusal("Could not find requested job with name: {name}"),
    taken=Refusal(
        "Transform job names must be unique within an AWS account and region, and a transform job with this name "
        "already exists ({arn})",
        IN_USE,
    ),
    order="Descending",
    deletable=False,
)
LARGEST_MB = 100
TOO_LARGE = "MaxPayloadInMB times MaxConcurrentTransforms must not exceed 100 MB."


class Transforms(Jobs[Transform]):
    """The transform jobs of one account and region."""

    def __init__(self, hall: Hall, models: Models) -> None:
        super().__init__(hall, KIND)
        self._models = models

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {**super().answers(), "CreateTransformJob": self._create}

    def _create(self, asked: Json) -> Json:
        name, model = asked["TransformJobName"], self._models.kept.get(asked["ModelName"])
        if self.kept.find(name) is None:
            if asked.get("MaxPayloadInMB", 0) * (asked.get("MaxConcurrentTransforms") or 1) > LARGEST_MB:
                raise ServiceError(INVALID, TOO_LARGE)
            source = asked["TransformInput"]["DataSource"]["S3DataSource"]
            check_data(self._hall, [source], model.said["ExecutionRoleArn"])
        job = self.kept.add(Transform(name=name, arn=self.kept.arn(name), said=asked, model=model.said))
        self.run(job, TransformRun(self._hall, job))
        return {"TransformJobArn": job.arn}
