"""Compile with Neo, for which Step Functions has no integration that waits: it is asked until it has ended."""

from dataclasses import dataclass

from stacks.ml_services.training_workflow.states import Integrations, States, choice, fail, is_text, wait, wanted

FIRST = "IsCompilationWanted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiling:
    """With which role Neo reads and writes, and what comes after it; asked every so often."""

    integrations: Integrations
    job_role: str
    poll_seconds: int
    after: str

    def states(self) -> States:
        """From the files of a model to those for a device, in $.done.compiled."""
        compilation, status = "$.plan.compilation", "$.compilation.CompilationJobStatus"
        name = {"CompilationJobName.$": "$.plan.job"}
        return {
            **choice(FIRST, wanted(compilation, "WhatIsCompiled"), otherwise=self.after),
            "WhatIsCompiled": {
                "Type": "Pass",
                "Parameters": {"S3Uri.$": "$.done.trained.artifacts"},
                "ResultPath": "$.source",
                "Next": "Compile",
            },
            **self.integrations.call(
                "Compile",
                "createCompilationJob",
                {
                    **name,
                    "RoleArn": self.job_role,
                    # Merged, because some frameworks have a version there and others must not.
                    "InputConfig.$": f"States.JsonMerge({compilation}.input, $.source, false)",
                    "OutputConfig.$": f"{compilation}.output_config",
                    "StoppingCondition": {"MaxRuntimeInSeconds.$": f"{compilation}.max_run_seconds"},
                    "Tags.$": "$.plan.tags",
                },
                after="LookAtCompilation",
                ResultPath=None,
            ),
            **self.integrations.call(
                "LookAtCompilation",
                "describeCompilationJob",
                name,
                after="IsItCompiled",
                ResultPath="$.compilation",
            ),
            **choice(
                "IsItCompiled",
                is_text(status, "COMPLETED", "KeepCompiled"),
                is_text(status, "FAILED", "CompilationFailed"),
                is_text(status, "STOPPED", "CompilationStopped"),
                otherwise="WaitForCompilation",
            ),
            **wait("WaitForCompilation", self.poll_seconds, after="LookAtCompilation"),
            **fail("CompilationFailed", "CompilationJobFailed", cause_path="$.compilation.FailureReason"),
            **fail(
                "CompilationStopped",
                "CompilationJobStopped",
                cause="somebody stopped the compilation, or it took longer than the request allows",
            ),
            "KeepCompiled": {
                "Type": "Pass",
                "InputPath": "$.compilation.ModelArtifacts.S3ModelArtifacts",
                "ResultPath": "$.done.compiled",
                "Next": self.after,
            },
        }
