"""The notebook instance of a stage, as SageMaker knows it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.heartbeat import Metric
from mlstack.notebook.terms import Terms
from mlstack.target import Target

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

STACK = "Notebook"
NOT_FOUND = "RecordNotFound"
OUT_OF_TURN = "Unable to transition"
HEARTBEATS = Metric(namespace="mlstack/Notebook", dimension="NotebookInstanceName")


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """How it is at one moment."""

    status: str
    instance_type: str
    volume_gb: int
    changed_at: datetime
    """When its status changed last: while it runs, since when."""
    failure: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notebook:
    """A deployed notebook instance."""

    target: Target
    sagemaker: "SageMakerClient"
    name: str
    terms: Terms

    @classmethod
    def find(cls, target: Target) -> Self:
        """Find it by the outputs of its stack; raise UserError where it is not deployed."""
        outputs = target.outputs(STACK)
        if "NotebookName" not in outputs:
            message = f"{target.shown} has no notebook; say enabled = true in [notebook] and deploy it"
            raise UserError(message)
        return cls(
            target=target,
            sagemaker=target.account.client("sagemaker"),
            name=outputs["NotebookName"],
            terms=Terms.read(outputs),
        )

    @property
    def shown(self) -> str:
        """What a person reads."""
        return f"notebook {self.name}"

    @property
    def look(self) -> str:
        """The command that shows how it is."""
        return self.target.command("notebook status")

    def seen(self) -> Instance:
        """How it is now; raise UserError where it was deleted behind CloudFormation's back."""
        try:
            found = self.sagemaker.describe_notebook_instance(NotebookInstanceName=self.name)
        except ClientError as error:
            if NOT_FOUND not in str(error):
                raise
            message = f"notebook {self.name} is gone, though its stack is there; destroy the stack and deploy it again"
            raise UserError(message) from error
        return Instance(
            status=found["NotebookInstanceStatus"],
            instance_type=found["InstanceType"],
            volume_gb=found.get("VolumeSizeInGB", 0),
            changed_at=found["LastModifiedTime"].astimezone(UTC),
            failure=" ".join(found.get("FailureReason", "").split()),
        )

    def start(self) -> bool:
        """Ask for its start; False where it is not in a state to be started."""
        try:
            self.sagemaker.start_notebook_instance(NotebookInstanceName=self.name)
        except ClientError as error:
            return _out_of_turn(error)
        return True

    def stop(self) -> bool:
        """Ask for its stop; False where it is not in a state to be stopped."""
        try:
            self.sagemaker.stop_notebook_instance(NotebookInstanceName=self.name)
        except ClientError as error:
            return _out_of_turn(error)
        return True

    def url(self) -> str:
        """An address that opens its JupyterLab for whoever has it, in the next five minutes."""
        answer = self.sagemaker.create_presigned_notebook_instance_url(NotebookInstanceName=self.name)
        address = answer["AuthorizedUrl"]
        return f"{address}{'&' if '?' in address else '?'}view=lab"


def _out_of_turn(error: ClientError) -> bool:
    """False for what AWS says when the status has just changed; raise everything else."""
    if OUT_OF_TURN not in str(error):
        raise error
    return False
