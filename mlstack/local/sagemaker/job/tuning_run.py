"""A tuning job at work: one training job after the other, several at a time, until the best is found."""

import time
from uuid import uuid4

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.draws import Tried, early_stop
from mlstack.local.sagemaker.job.record import COMPLETED, FAILED, STOPPED, JobError
from mlstack.local.sagemaker.job.training import Trainings
from mlstack.local.sagemaker.job.tuning_record import Trial, Tuning

LOOK_S = 0.05
ENOUGH = 5
"""After how many failures without a success AWS gives up."""
NO_SUCCESS = (
    "No training job succeeded after {count} attempts. Please take a look at the training job failures to get more "
    "details."
)
"""AWS's own words: https://github.com/aws/amazon-sagemaker-examples/issues/2436"""
NO_OBJECTIVE = (
    "No objective metrics found after running {count} training jobs. Please ensure that the custom algorithm is "
    "emitting the objective metric as defined by the regular expression provided."
)
TAKEN_OVER = (
    "AlgorithmSpecification",
    "CheckpointConfig",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "EnableNetworkIsolation",
    "Environment",
    "InputDataConfig",
    "OutputDataConfig",
    "RetryStrategy",
    "RoleArn",
    "StoppingCondition",
    "VpcConfig",
)
"""What a training job has from its definition, letter for letter."""


class TuningRun:
    """One tuning job."""

    def __init__(self, hall: Hall, job: Tuning, trainings: Trainings) -> None:
        self._hall = hall
        self._job = job
        self._trainings = trainings
        self._definitions = definitions(job.said)

    def __call__(self) -> None:
        """Run it to its end."""
        job, exhausted = self._job, False
        job.begin()
        while not self._hall.closed:
            going = [trial for trial in job.trials if not trial.training.over]
            halted = job.stop_asked.is_set() or self._enough()
            for trial in going if halted else ():
                trial.training.stop()
            if (halted or exhausted) and not going:
                self._finish()
                return
            if not (halted or exhausted) and len(going) < job.config["ResourceLimits"]["MaxParallelTrainingJobs"]:
                exhausted = not self._begin()
                continue
            self._stop_poor(going)
            time.sleep(LOOK_S)

    def _finish(self) -> None:
        job = self._job
        if job.stop_asked.is_set():
            job.end(STOPPED)
        elif job.best() is not None:
            job.end(COMPLETED)
        elif any(trial.training.status == COMPLETED for trial in job.trials):
            raise JobError(NO_OBJECTIVE.format(count=len(job.trials)))
        else:
            raise JobError(NO_SUCCESS.format(count=len(job.trials)))

    def _enough(self) -> bool:
        """Whether no other training job is worth its money, and those that run are not either."""
        job, over = self._job, [trial for trial in self._job.trials if trial.training.over]
        criteria, limits, best = (
            job.config.get("TuningJobCompletionCriteria", {}),
            job.config["ResourceLimits"],
            job.best(),
        )
        failed = [trial for trial in over if trial.training.status == FAILED]
        if best is None and len(failed) >= ENOUGH:
            return True
        if time.time() - job.created > limits.get("MaxRuntimeInSeconds", float("inf")):
            return True
        scores = [trial.score for trial in over if trial.score is not None]
        if best is None or best.score is None:
            return False
        job.not_improved = len(scores) - 1 - scores.index(best.score)
        patience = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
        target = criteria.get("TargetObjectiveMetricValue")
        if target is not None and best.score >= (target if best.objective["Type"] == "Maximize" else -target):
            return True
        return patience is not None and job.not_improved >= patience

    def _begin(self) -> bool:
        """Start another training job; whether there was one to start."""
        job = self._job
        number, most = len(job.trials) + 1, job.config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
        if most is not None and number > most:
            return False
        for turn in range(len(self._definitions)):
            definition = self._definitions[(number - 1 + turn) % len(self._definitions)]
            tried = [
                Tried(trial.training.tuned, trial.score)
                for trial in job.trials
                if trial.definition is definition and trial.training.over and trial.score is not None
            ]
            drawn = job.draws[definition.get("DefinitionName", "")].next(tried)
            if drawn is not None:
                self._launch(definition, drawn, number)
                return True
        return False

    def _launch(self, definition: Json, drawn: dict[str, str], number: int) -> None:
        objective = objective_of(self._job.said, definition)
        resources = definition.get("ResourceConfig") or definition["HyperParameterTuningResourceConfig"]
        said = {name: definition[name] for name in TAKEN_OVER if name in definition}
        said |= {
            "TrainingJobName": f"{self._job.name}-{number:03}-{uuid4().hex[:8]}",
            "HyperParameters": {
                **definition.get("StaticHyperParameters", {}),
                "_tuning_objective_metric": objective["MetricName"],
                **drawn,
            },
            "ResourceConfig": resources if "InstanceType" in resources else {**resources, **_first(resources)},
        }
        training = self._trainings.launch(said, tuning_arn=self._job.arn, tuned=drawn)
        with self._job.lock:
            self._job.trials.append(Trial(training=training, definition=definition, objective=objective))
            self._job.touch()

    def _stop_poor(self, going: list[Trial]) -> None:
        """Stop what is worse than the others were, where that is wanted."""
        config = self._job.config
        if config.get("TrainingJobEarlyStoppingType") != "Auto" and config["Strategy"] != "Hyperband":
            return
        for trial in going:
            others = [one.scores for one in self._job.trials if one is not trial and one.definition is trial.definition]
            if early_stop(trial.scores, others):
                trial.training.stop()


def definitions(said: Json) -> list[Json]:
    """The training job definitions of a request."""
    return (
        [said["TrainingJobDefinition"]] if said.get("TrainingJobDefinition") else list(said["TrainingJobDefinitions"])
    )


def objective_of(said: Json, definition: Json) -> Json:
    """What a definition's training jobs are measured by."""
    found: Json = definition.get("TuningObjective") or said["HyperParameterTuningJobConfig"].get(
        "HyperParameterTuningJobObjective", {}
    )
    return found


def _first(resources: Json) -> Json:
    """The instances that are tried first."""
    return next(iter(resources.get("InstanceConfigs", [])), {})
