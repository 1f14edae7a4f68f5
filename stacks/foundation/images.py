"""The stage's container images, each built in the account from its folder of containers/."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.container_build import ContainerBuild, ContainerBuildProps
from stacks.components.container_repository import ContainerRepository, ContainerRepositoryProps
from stacks.components.retention import Retention


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagesStackProps:
    """The stage's retention mode, how long the logs of builds stay, and what the training image stands on."""

    retention: Retention
    log_retention: logs.RetentionDays
    training_base: str | None = None
    """The URI of a public image with PyTorch; None where nothing trains."""


class ImagesStack(cdk.Stack):
    """The images that endpoints and jobs run; idle, they cost what ECR takes for their storage."""

    def __init__(self, scope: Construct, construct_id: str, props: ImagesStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack foundation: the stage's container images")
        self._props = props
        self.inference = self._image("Inference", "serves models", {}, codebuild.ComputeType.SMALL)
        self.training = (
            # A Deep Learning Container is gigabytes, which the smallest machine unpacks for longer than it may take.
            self._image("Training", "trains models", {"BASE": props.training_base}, codebuild.ComputeType.LARGE)
            if props.training_base
            else None
        )

    def _image(
        self, name: str, purpose: str, arguments: dict[str, str], compute: codebuild.ComputeType
    ) -> ContainerBuild:
        repository = ContainerRepository(
            self, f"{name}Repository", ContainerRepositoryProps(retention=self._props.retention)
        ).resource
        built = ContainerBuild(
            self,
            name,
            ContainerBuildProps(
                source=name.lower(),
                repository=repository,
                arguments=arguments,
                compute=compute,
                log_retention=self._props.log_retention,
            ),
        )
        for part, value, description in (
            ("ImageUri", built.image_uri, f"The image that {purpose}, as it was built last"),
            ("RepositoryName", repository.repository_name, f"The repository of the image that {purpose}"),
        ):
            cdk.CfnOutput(self, f"{name}{part}", value=value, description=description)
        return built
