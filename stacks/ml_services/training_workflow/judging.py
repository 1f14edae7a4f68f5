"""Evaluate on data that the training has not seen, and let through what is good enough."""

from dataclasses import dataclass

from stacks.ml_services.training_workflow.states import Integrations, States, choice, fail, wanted

FIRST = "IsThereTestData"
INPUT, OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
EVALUATE = ("python", "-m", "training", "evaluate")


@dataclass(frozen=True, kw_only=True, slots=True)
class Judging:
    """With which role the evaluation runs, who says the verdict, and what comes after a good one."""

    integrations: Integrations
    job_role: str
    verdict_function: str
    good: str

    def states(self) -> States:
        """From the files of a model to a verdict, in $.done.verdict."""
        return {
            **choice(FIRST, wanted("$.plan.evaluation", "Evaluate"), otherwise="Verdict"),
            **self._evaluate(),
            **self.integrations.function(
                "Verdict",
                self.verdict_function,
                {"plan.$": "$.plan", "trained.$": "$.done.trained"},
                after="IsItGoodEnough",
                ResultSelector={"said.$": "$.Payload"},
                ResultPath="$.verdict",
            ),
            **choice(
                "IsItGoodEnough",
                {"Variable": "$.verdict.said.passed", "BooleanEquals": True, "Next": "KeepVerdict"},
                otherwise="NotGoodEnough",
            ),
            "KeepVerdict": {
                "Type": "Pass",
                "InputPath": "$.verdict.said",
                "ResultPath": "$.done.verdict",
                "Next": self.good,
            },
            **fail("NotGoodEnough", "GateNotPassed", cause_path="$.verdict.said.reason"),
        }

    def _evaluate(self) -> States:
        evaluation = "$.plan.evaluation"
        return self.integrations.job(
            "Evaluate",
            "createProcessingJob",
            {
                "ProcessingJobName.$": "$.plan.job",
                "RoleArn": self.job_role,
                "AppSpecification": {"ImageUri.$": f"{evaluation}.image", "ContainerEntrypoint": [*EVALUATE]},
                "Environment.$": f"{evaluation}.environment",
                "NetworkConfig": {"EnableNetworkIsolation": True},
                "ProcessingInputs": [
                    _input("model", "$.done.trained.artifacts"),
                    _input("test", f"{evaluation}.data"),
                ],
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "evaluation",
                            "S3Output": {
                                "LocalPath": f"{OUTPUT}/evaluation",
                                "S3UploadMode": "EndOfJob",
                                "S3Uri.$": f"{evaluation}.output",
                            },
                        }
                    ]
                },
                "ProcessingResources.$": f"{evaluation}.resources",
                "StoppingCondition": {"MaxRuntimeInSeconds.$": f"{evaluation}.max_run_seconds"},
                "Tags.$": "$.plan.tags",
            },
            after="Verdict",
            ResultPath=None,
        )


def _input(name: str, path: str) -> dict[str, object]:
    """Something from S3 in a folder of the processing container."""
    return {
        "InputName": name,
        "S3Input": {
            "LocalPath": f"{INPUT}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3Uri.$": path,
        },
    }
