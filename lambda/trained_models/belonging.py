"""What belongs to the training workflow of a stage. A function of names and tags alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

STAGE, EXECUTION, MODEL = "mlstack:stage", "mlstack:execution", "mlstack:model"
Tags = Mapping[str, str]
CHILD = re.compile("-[0-9]{3,}-[0-9a-f]{8}$")
"""How SageMaker calls the training jobs of a tuning job after it."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """How the workflow of one stage calls and marks its things."""

    stage: str

    @property
    def prefix(self) -> str:
        """How every name begins; so does that of a stage called like this one and more."""
        return f"mlstack-{self.stage}-"

    def is_job(self, name: str) -> bool:
        """Whether it is the one name of an execution's jobs and model: nothing else of the project has it."""
        return re.fullmatch(re.escape(self.prefix) + "[0-9a-f]{8}", name) is not None

    def is_stream(self, name: str) -> bool:
        """Whether a job of the stage logged it, or one that SageMaker made for a tuning job: NAME, or NAME/HOST-TIME.

        https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
        """
        return self.is_job(CHILD.sub("", name.partition("/")[0]))

    def is_named(self, name: str) -> bool:
        """Whether it may be the stage's; its tags must say so too."""
        return name.startswith(self.prefix)

    def is_made(self, tags: Tags) -> bool:
        """Whether an execution of this stage made it: what CloudFormation made has no execution."""
        return tags.get(STAGE) == self.stage and EXECUTION in tags
