"""The stage's container images, each built in the account from its folder of containers/."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.container_build import ContainerBuild, ContainerBuildProps
from stacks.components.container_repository import ContainerRepository, ContainerRepositoryProps
from stacks.components.retention import Retention


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagesStackProps:
    """The stage's retention mode, and how long the logs of builds stay."""

    retention: Retention
    log_retention: logs.RetentionDays


class ImagesStack(cdk.Stack):
    """The image that endpoints run; idle, it costs what ECR takes for its storage."""

    def __init__(self, scope: Construct, construct_id: str, props: ImagesStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack foundation: the stage's container images")
        repository = ContainerRepository(
            self, "InferenceRepository", ContainerRepositoryProps(retention=props.retention)
        ).resource
        self.inference = ContainerBuild(
            self,
            "Inference",
            ContainerBuildProps(source="inference", repository=repository, log_retention=props.log_retention),
        )
        cdk.CfnOutput(
            self,
            "InferenceImageUri",
            value=self.inference.image_uri,
            description="The image that serves models, as it was built last",
        )
        cdk.CfnOutput(
            self,
            "InferenceRepositoryName",
            value=repository.repository_name,
            description="The repository of the image that serves models",
        )
