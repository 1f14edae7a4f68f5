"""The AWS clients of a running state machine: moto makes one for each task, which many threads at once cannot."""

from typing import Any

from botocore.config import Config
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk
from moto.stepfunctions.parser.asl.utils import boto_client

from mlstack.local import runtime
from mlstack.local.mend import replace

AT_ONCE = Config(max_pool_connections=64)
NAMES = {
    "cloudwatch": "CloudWatch",
    "ecs": "Ecs",
    "eventbridge": "EventBridge",
    "lambda": "Lambda",
    "rekognition": "Rekognition",
    "s3": "S3",
    "sagemaker": "SageMaker",
    "servicequotas": "ServiceQuotas",
    "sns": "Sns",
    "sqs": "Sqs",
    "ssm": "Ssm",
}
"""How the errors of a service begin in a state machine, for services that moto names otherwise."""


class Clients:
    """Stands where moto says ``boto3``."""

    def client(self, *, service_name: str, region_name: str, config: Config, **_where: str) -> Any:  # noqa: ANN401 - as boto3's
        """The one client of a service; where it speaks to is in this process's environment."""
        return runtime.running().make_client(service_name, region_name, config.merge(AT_ONCE))


def mend() -> None:
    """Share clients, and name errors as Step Functions does."""
    replace(boto_client, "boto3", Clients())
    known = state_task_service_aws_sdk._SERVICE_ERROR_NAMES  # noqa: SLF001 - moto's table of them
    known.update({name: said for name, said in NAMES.items() if name not in known})
