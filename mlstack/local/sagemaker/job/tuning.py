"""CreateHyperParameterTuningJob and what belongs to it."""

from math import prod

from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.draws import Draws
from mlstack.local.sagemaker.job.jobs import IN_USE, LACKING, NOT_FOUND, Jobs, Kind
from mlstack.local.sagemaker.job.ranges import Choice, Space, space
from mlstack.local.sagemaker.job.training import Trainings, check
from mlstack.local.sagemaker.job.tuning_record import Trial, Tuning, described, summary, trial_summary
from mlstack.local.sagemaker.job.tuning_run import TuningRun, definitions, objective_of
from mlstack.local.sagemaker.registry import INVALID, Refusal, paged

KIND: Kind[Tuning] = Kind(
    title="HyperParameterTuningJob",
    arn="hyper-parameter-tuning-job",
    words="hyperparameter tuning job",
    described=described,
    summary=summary,
    missing=Refusal("Amazon SageMaker can't find a tuning job called {name}. Type another name.", NOT_FOUND),
    taken=Refusal(
        "A hyperparameter tuning job with the name, {name}, already exists. Choose a different name.", IN_USE
    ),
    order="Descending",
)
ONE_DEFINITION = "Exactly one of TrainingJobDefinition and TrainingJobDefinitions is needed."
NAMED = "Each of several training job definitions needs a DefinitionName of its own."
NO_OBJECTIVE = "An objective metric is needed."
NOT_EMITTED = "The objective metric {metric} is not among the MetricDefinitions ({known})."
NO_RANGES = "At least one hyperparameter range is needed."
STATIC_TOO = "The hyperparameter {name} has a range and a static value; only one is possible."
NOT_GRID = "Grid search takes categorical parameters only."
NOT_ALL = "MaxNumberOfTrainingJobs of a grid search must be the number of combinations, {count}, or left out."
NO_MOST = "MaxNumberOfTrainingJobs is needed in ResourceLimits."
TOO_PARALLEL = "MaxParallelTrainingJobs must not be larger than MaxNumberOfTrainingJobs."
NO_WARM_START = "the local AWS has no warm start of tuning jobs and no Autotune"


class Tunings(Jobs[Tuning]):
    """The tuning jobs of one account and region."""

    def __init__(self, hall: Hall, trainings: Trainings) -> None:
        super().__init__(hall, KIND)
        self._trainings = trainings

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            **super().answers(),
            "CreateHyperParameterTuningJob": self._create,
            "ListTrainingJobsForHyperParameterTuningJob": self._list_trials,
        }

    def _create(self, asked: Json) -> Json:
        name = asked["HyperParameterTuningJobName"]
        draws = {} if self.kept.find(name) else self._checked(asked)
        job = self.kept.add(Tuning(name=name, arn=self.kept.arn(name), said=asked, draws=draws))
        self.run(job, TuningRun(self._hall, job, self._trainings))
        return {"HyperParameterTuningJobArn": job.arn}

    def _checked(self, asked: Json) -> dict[str, Draws]:
        """What draws each definition's values; ServiceError for what SageMaker refuses."""
        if bool(asked.get("TrainingJobDefinition")) == bool(asked.get("TrainingJobDefinitions")):
            raise ServiceError(INVALID, ONE_DEFINITION)
        if asked.get("WarmStartConfig") or asked.get("Autotune"):
            raise ServiceError(LACKING, NO_WARM_START)
        config, found = asked["HyperParameterTuningJobConfig"], definitions(asked)
        names = [one.get("DefinitionName", "") for one in found]
        if len(set(names)) < len(names):
            raise ServiceError(INVALID, NAMED)
        spaces = [self._checked_definition(asked, one) for one in found]
        _check_limits(config, spaces)
        return {
            name: Draws(one, config["Strategy"], config.get("RandomSeed"))
            for name, one in zip(names, spaces, strict=True)
        }

    def _checked_definition(self, asked: Json, definition: Json) -> Space:
        config, objective = asked["HyperParameterTuningJobConfig"], objective_of(asked, definition)
        if not objective:
            raise ServiceError(INVALID, NO_OBJECTIVE)
        algorithm = definition["AlgorithmSpecification"]
        known = [one["Name"] for one in algorithm.get("MetricDefinitions", [])]
        own = not algorithm.get("AlgorithmName") and known
        if own and objective["MetricName"] not in known:
            said = NOT_EMITTED.format(metric=objective["MetricName"], known=", ".join(known))
            raise ServiceError(INVALID, said)
        found = space(definition.get("HyperParameterRanges") or config.get("ParameterRanges", {}))
        if not found:
            raise ServiceError(INVALID, NO_RANGES)
        twice = next((one.name for one in found if one.name in definition.get("StaticHyperParameters", {})), None)
        if twice is not None:
            raise ServiceError(INVALID, STATIC_TOO.format(name=twice))
        resources = definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig", {})
        check(self._hall, definition, algorithm, next(iter(resources.get("InstanceConfigs", [])), resources))
        return found

    def _list_trials(self, asked: Json) -> Json:
        job = self._named(asked)
        found = [one for one in job.trials if asked.get("StatusEquals", one.training.status) == one.training.status]
        by = asked.get("SortBy", "Name")
        if by == "FinalObjectiveMetricValue":
            found = [one for one in found if one.score is not None]
        found.sort(key=lambda one: _key(one, by), reverse=asked.get("SortOrder") == "Descending")
        return paged([trial_summary(one, job.name) for one in found], asked, "TrainingJobSummaries")


def _key(trial: Trial, by: str) -> tuple[float, str]:
    """What to order training jobs by; the objective as it was printed, whichever way is better."""
    values = trial.training.metrics.of(trial.objective["MetricName"])
    numbers = {"CreationTime": trial.training.created, "FinalObjectiveMetricValue": values[-1].value if values else 0.0}
    words = {"Name": trial.training.name, "Status": trial.training.status}
    return numbers.get(by, 0.0), words.get(by, "")


def _check_limits(config: Json, spaces: list[Space]) -> None:
    most, parallel = (
        config["ResourceLimits"].get(name) for name in ("MaxNumberOfTrainingJobs", "MaxParallelTrainingJobs")
    )
    if config["Strategy"] == "Grid":
        if not all(isinstance(one, Choice) for found in spaces for one in found):
            raise ServiceError(INVALID, NOT_GRID)
        count = sum(prod(len(one.values) for one in found if isinstance(one, Choice)) for found in spaces)
        if most is not None and most != count:
            raise ServiceError(INVALID, NOT_ALL.format(count=count))
    elif most is None:
        raise ServiceError(INVALID, NO_MOST)
    if most is not None and parallel > most:
        raise ServiceError(INVALID, TOO_PARALLEL)
