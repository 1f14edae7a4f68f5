"""The AWS clients of a warm function, made once."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_service_quotas import ServiceQuotasClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# A hanging call must end well before the function does; standard mode backs off on throttling by itself.
CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
# Every call of Rekognition takes a slot of its rate, the repeated ones too: nothing repeats behind our back.
ONCE = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})


@cache
def rekognition() -> "RekognitionClient":
    """Rekognition in the function's region; it calls once."""
    return boto3.client("rekognition", config=ONCE)


@cache
def s3() -> "S3Client":
    """S3 in the function's region."""
    return boto3.client("s3", config=CONFIG)


@cache
def sqs() -> "SQSClient":
    """SQS in the function's region."""
    return boto3.client("sqs", config=CONFIG)


@cache
def codebuild() -> "CodeBuildClient":
    """CodeBuild in the function's region."""
    return boto3.client("codebuild", config=CONFIG)


@cache
def ec2() -> "EC2Client":
    """EC2, to which networks belong, in the function's region."""
    return boto3.client("ec2", config=CONFIG)


@cache
def ecr() -> "ECRClient":
    """The container registry in the function's region."""
    return boto3.client("ecr", config=CONFIG)


@cache
def ecs() -> "ECSClient":
    """ECS in the function's region."""
    return boto3.client("ecs", config=CONFIG)


@cache
def autoscaling() -> "AutoScalingClient":
    """Auto Scaling of EC2 instances in the function's region."""
    return boto3.client("autoscaling", config=CONFIG)


@cache
def events() -> "EventBridgeClient":
    """EventBridge in the function's region."""
    return boto3.client("events", config=CONFIG)


@cache
def functions() -> "LambdaClient":
    """Lambda in the function's region."""
    return boto3.client("lambda", config=CONFIG)


@cache
def stepfunctions() -> "SFNClient":
    """Step Functions in the function's region."""
    return boto3.client("stepfunctions", config=CONFIG)


@cache
def sagemaker() -> "SageMakerClient":
    """SageMaker in the function's region."""
    return boto3.client("sagemaker", config=CONFIG)


@cache
def cloudformation() -> "CloudFormationClient":
    """CloudFormation in the function's region."""
    return boto3.client("cloudformation", config=CONFIG)


@cache
def cloudwatch() -> "CloudWatchClient":
    """CloudWatch in the function's region."""
    return boto3.client("cloudwatch", config=CONFIG)


@cache
def table(name: str) -> "Table":
    """One DynamoDB table."""
    return boto3.resource("dynamodb", config=CONFIG).Table(name)


@cache
def sns() -> "SNSClient":
    """SNS in the function's region."""
    return boto3.client("sns", config=CONFIG)


@cache
def service_quotas() -> "ServiceQuotasClient":
    """What the account may use of each service in the function's region."""
    return boto3.client("service-quotas", config=CONFIG)


@cache
def logs() -> "CloudWatchLogsClient":
    """CloudWatch Logs in the function's region."""
    return boto3.client("logs", config=CONFIG)
