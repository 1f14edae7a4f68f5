"""Train or tune; or take a version that is registered."""

from dataclasses import dataclass

from stacks.ml_services.training_workflow.states import Integrations, States, choice, fail, is_text

TRAINING_KEYS = (
    "AlgorithmSpecification",
    "CheckpointConfig",
    "EnableManagedSpotTraining",
    "EnableNetworkIsolation",
    "Environment",
    "HyperParameters",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "Tags",
)
"""What the plan says of a training job; the job's name and role are the workflow's own."""
TUNING_KEYS = ("HyperParameterTuningJobConfig", "Tags", "TrainingJobDefinition")
ARTIFACTS = {
    "artifacts.$": "$.ModelArtifacts.S3ModelArtifacts",
    "job.$": "$.TrainingJobName",
    "status.$": "$.TrainingJobStatus",
}
FIRST = "HowToBegin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Learning:
    """With which role jobs run, and what comes after a trained and after a registered model."""

    integrations: Integrations
    job_role: str
    trained: str
    registered: str

    def states(self) -> States:
        """From the plan to the files of a model, in $.done.trained."""
        return {
            **choice(
                FIRST,
                is_text("$.plan.path", "train", "Train"),
                is_text("$.plan.path", "tune", "Tune"),
                otherwise="TakeVersion",
            ),
            **self._train(),
            **self._tune(),
            # Whether .sync takes a stopped job for a success is nowhere said; SageMaker keeps what it had by then.
            **choice(
                "DidItComplete",
                is_text("$.done.trained.status", "Completed", self.trained),
                otherwise="TrainingStopped",
            ),
            **fail(
                "TrainingStopped",
                "TrainingJobStopped",
                cause="the training was stopped before its end, by a person or because it ran as long as it may",
            ),
            "TakeVersion": {
                "Type": "Pass",
                "Parameters": {"job": "", "status": "Completed", "artifacts.$": "$.plan.serving.artifacts"},
                "ResultPath": "$.done.trained",
                "Next": self.registered,
            },
        }

    def _train(self) -> States:
        said = {f"{key}.$": f"$.plan.training.{key}" for key in TRAINING_KEYS}
        return self.integrations.job(
            "Train",
            "createTrainingJob",
            {"TrainingJobName.$": "$.plan.job", "RoleArn": self.job_role, **said},
            after="DidItComplete",
            ResultSelector=ARTIFACTS,
            ResultPath="$.done.trained",
        )

    def _tune(self) -> States:
        said = {f"{key}.$": f"$.plan.tuning.{key}" for key in TUNING_KEYS}
        tune = self.integrations.job(
            "Tune",
            "createHyperParameterTuningJob",
            {"HyperParameterTuningJobName.$": "$.plan.job", **said},
            after="BestOfTuning",
            ResultSelector={"best.$": "$.BestTrainingJob.TrainingJobName"},
            ResultPath="$.tuned",
        )
        best = self.integrations.call(
            "BestOfTuning",
            "describeTrainingJob",
            {"TrainingJobName.$": "$.tuned.best"},
            after="DidItComplete",
            ResultSelector=ARTIFACTS,
            ResultPath="$.done.trained",
        )
        return {**tune, **best}
