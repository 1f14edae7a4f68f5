"""CreateProcessingJob and what belongs to it."""

from mlstack.local.json_service import Answer, Json
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.admission import check_data, check_image, check_role
from mlstack.local.sagemaker.job.jobs import IN_USE, Jobs, Kind
from mlstack.local.sagemaker.job.processing_record import Processing, described, summary
from mlstack.local.sagemaker.job.processing_run import ProcessingRun
from mlstack.local.sagemaker.registry import Refusal

KIND: Kind[Processing] = Kind(
    title="ProcessingJob",
    arn="processing-job",
    words="processing job",
    described=described,
    summary=summary,
    missing=Refusal("Could not find requested job with name: {name}"),
    taken=Refusal(
        "Processing job names must be unique within an AWS account and region, and a processing job with this name "
        "already exists ({arn})",
        IN_USE,
    ),
)


class Processings(Jobs[Processing]):
    """The processing jobs of one account and region."""

    def __init__(self, hall: Hall) -> None:
        super().__init__(hall, KIND)

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {**super().answers(), "CreateProcessingJob": self._create}

    def _create(self, asked: Json) -> Json:
        name, role = asked["ProcessingJobName"], asked["RoleArn"]
        if self.kept.find(name) is None:
            check_role(self._hall, role)
            check_image(self._hall, asked["AppSpecification"]["ImageUri"], role)
            check_data(self._hall, (one.get("S3Input", {}) for one in asked.get("ProcessingInputs", [])), role)
        job = self.kept.add(Processing(name=name, arn=self.kept.arn(name), said=asked))
        self.run(job, ProcessingRun(self._hall, job))
        return {"ProcessingJobArn": job.arn}
