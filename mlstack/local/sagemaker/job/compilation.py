"""CreateCompilationJob and what belongs to it."""

from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.admission import check_role
from mlstack.local.sagemaker.job.compilation_record import Compilation, described, summary
from mlstack.local.sagemaker.job.compilation_run import CompilationRun
from mlstack.local.sagemaker.job.jobs import IN_USE, LACKING, NOT_FOUND, Jobs, Kind
from mlstack.local.sagemaker.registry import INVALID, Refusal

KIND: Kind[Compilation] = Kind(
    title="CompilationJob",
    arn="compilation-job",
    words="compilation job",
    described=described,
    summary=summary,
    missing=Refusal("Could not find compilation job with name {name}.", NOT_FOUND),
    taken=Refusal("Compilation job names must be unique; {arn} already exists.", IN_USE),
)
ONE_TARGET = "Exactly one of TargetDevice and TargetPlatform is needed in OutputConfig."
NO_INPUT = "the local AWS compiles what InputConfig names, no model package"
NO_VERSION = "FrameworkVersion is not supported for {framework}."
VERSIONED = frozenset({"MXNET", "PYTORCH", "TENSORFLOW", "TFLITE"})
"""Which frameworks have versions, by botocore's documentation of InputConfig."""


class Compilations(Jobs[Compilation]):
    """The compilation jobs of one account and region."""

    def __init__(self, hall: Hall) -> None:
        super().__init__(hall, KIND)

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {**super().answers(), "CreateCompilationJob": self._create}

    def _create(self, asked: Json) -> Json:
        name, output, said = asked["CompilationJobName"], asked["OutputConfig"], asked.get("InputConfig")
        if bool(output.get("TargetDevice")) == bool(output.get("TargetPlatform")):
            raise ServiceError(INVALID, ONE_TARGET)
        if not said:
            raise ServiceError(LACKING, NO_INPUT)
        if said.get("FrameworkVersion") and said["Framework"] not in VERSIONED:
            raise ServiceError(INVALID, NO_VERSION.format(framework=said["Framework"]))
        if self.kept.find(name) is None:
            check_role(self._hall, asked["RoleArn"])
        job = self.kept.add(Compilation(name=name, arn=self.kept.arn(name), said=asked))
        self.run(job, CompilationRun(self._hall, job))
        return {"CompilationJobArn": job.arn}
