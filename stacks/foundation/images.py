"""The stage's container images, each built in the account from its folder of containers/."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.container_build import Architecture, ContainerBuild, ContainerBuildProps
from stacks.components.container_repository import ContainerRepository, ContainerRepositoryProps
from stacks.components.public_mirror import PublicMirror, PublicMirrorProps
from stacks.components.retention import Retention

PYTHON = "public.ecr.aws/docker/library/python:3.13-slim"
"""What the inference and worker images begin with; their Dockerfiles say the same."""
SUFFIXES: Mapping[Architecture, str] = {"x86_64": "", "arm64": "Arm64"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagesStackProps:
    """The stage's name and retention mode, how long the logs of builds stay, and which images there are."""

    stage: str
    retention: Retention
    log_retention: logs.RetentionDays
    inference: Sequence[Architecture] = ()
    worker: Sequence[Architecture] = ()
    training_base: str | None = None
    """The URI of a public image with PyTorch; None where nothing trains."""
    mirror: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """A folder of containers/, what its image is for, and how it is built."""

    folder: str
    purpose: str
    architectures: Sequence[Architecture]
    arguments: Mapping[str, str] = field(default_factory=dict)
    compute: codebuild.ComputeType = codebuild.ComputeType.SMALL


class ImagesStack(cdk.Stack):
    """The images that endpoints, jobs and tasks run; idle, they cost what ECR takes for their storage."""

    def __init__(self, scope: Construct, construct_id: str, props: ImagesStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack foundation: the stage's container images")
        self._props = props
        self._mirror = self._copies() if props.mirror else None
        # Named only where it is a copy, so that the Dockerfile alone says otherwise what it begins with.
        base = {"BASE": PYTHON} if props.mirror else {}
        self.inference = self._images(
            _Kind(folder="inference", purpose="serves models", architectures=props.inference, arguments=base)
        )
        self.worker = self._images(
            _Kind(folder="worker", purpose="brings requests to a server", architectures=props.worker, arguments=base)
        )
        self.training = self._training(props.training_base) if props.training_base else None

    def _training(self, base: str) -> ContainerBuild:
        kind = _Kind(
            folder="training",
            purpose="trains models",
            architectures=("x86_64",),
            arguments={"BASE": base},
            # A Deep Learning Container is gigabytes, which the smallest machine unpacks for longer than it may take.
            compute=codebuild.ComputeType.LARGE,
        )
        return self._images(kind)["x86_64"]

    def _copies(self) -> PublicMirror:
        props = self._props
        public = [*([PYTHON] if props.inference or props.worker else []), *filter(None, [props.training_base])]
        return PublicMirror(
            self,
            "Mirror",
            PublicMirrorProps(
                prefix=f"mlstack-{props.stage}",
                repositories=[uri.partition("/")[2].partition(":")[0] for uri in public],
            ),
        )

    def _images(self, kind: _Kind) -> Mapping[Architecture, ContainerBuild]:
        """One repository, with an image for each kind of processor."""
        if not kind.architectures:
            return {}
        name = kind.folder.capitalize()
        repository = ContainerRepository(
            self, f"{name}Repository", ContainerRepositoryProps(retention=self._props.retention)
        ).resource
        built: dict[Architecture, ContainerBuild] = {}
        for architecture in kind.architectures:
            built[architecture] = image = ContainerBuild(
                self,
                f"{name}{SUFFIXES[architecture]}",
                ContainerBuildProps(
                    source=kind.folder,
                    repository=repository,
                    arguments=kind.arguments,
                    architecture=architecture,
                    compute=kind.compute,
                    log_retention=self._props.log_retention,
                    mirror=self._mirror,
                ),
            )
            for part, value, description in (
                ("ImageUri", image.image_uri, f"The image that {kind.purpose}, as it was built last"),
                ("RepositoryName", repository.repository_name, f"The repository of the image that {kind.purpose}"),
                ("ProjectName", image.project_name, f"Builds the image that {kind.purpose}"),
            ):
                cdk.CfnOutput(self, f"{name}{SUFFIXES[architecture]}{part}", value=value, description=description)
        return built
