"""A container image built in the account from a folder of containers/, before anything that needs it is made."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.components.public_mirror import PublicMirror

CONTAINERS = Path(__file__).resolve().parents[2] / "containers"
DOCKERFILES = ("Dockerfile", ".dockerignore")
LEFT_OUT = ("__pycache__", "*.pyc", "*.egg-info", ".*_cache", ".DS_Store", ".hypothesis", ".venv", "tests")
"""What git ignores, and tests."""

FUNCTION_TIMEOUT = cdk.Duration.minutes(15)
SERVICE_TIMEOUT = cdk.Duration.hours(1)
"""Of a custom resource the longest. The function calls itself while a build runs, and waits for 55 minutes in all."""
BUILD_TIMEOUT = cdk.Duration.minutes(45)
"""With the queue less than the function waits, so that CodeBuild itself says that a build took too long."""
QUEUED_TIMEOUT = cdk.Duration.minutes(5)

Architecture = Literal["x86_64", "arm64"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """Where images for one kind of processor are built: on one of the same kind, because emulation takes ten times."""

    platform: str
    """In Docker's words."""
    build_image: codebuild.IBuildImage


WORKSHOPS: Mapping[Architecture, Workshop] = {
    "x86_64": Workshop(platform="linux/amd64", build_image=codebuild.LinuxBuildImage.AMAZON_LINUX_2023_6),
    "arm64": Workshop(platform="linux/arm64", build_image=codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0),
}
"""SageMaker's endpoints run x86_64, but for the Graviton instances that few models need; Fargate has both."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerBuildProps:
    """What is built, with what, and where the image goes."""

    source: str
    """A folder of containers/ with a Dockerfile."""
    repository: ecr.Repository
    log_retention: logs.RetentionDays
    arguments: Mapping[str, str] = field(default_factory=dict)
    """The Dockerfile's arguments by name."""
    compute: codebuild.ComputeType = codebuild.ComputeType.SMALL
    architecture: Architecture = "x86_64"
    mirror: PublicMirror | None = None
    """From where public images come that arguments name, if not from their registry."""


class ContainerBuild(Construct):
    """A project that builds the image, and a custom resource that has it built and waits for it.

    The image's tag is a hash of all that it is made from: what did not change is not built again. ``image_uri`` is for
    the same stack, because it waits for the build. ``uri`` says the same and is for other stacks, which are deployed
    after this one: it keeps the tag out of this stack's exports, which CloudFormation changes for nobody who uses them.
    """

    def __init__(self, scope: Construct, construct_id: str, props: ContainerBuildProps) -> None:
        super().__init__(scope, construct_id)
        source = assets.Asset(
            self,
            "Source",
            exclude=_left_out(CONTAINERS / props.source),
            ignore_mode=cdk.IgnoreMode.DOCKER,
            path=str(CONTAINERS / props.source),
        )
        self._workshop = WORKSHOPS[props.architecture]
        specification = _specification(props.arguments, self._workshop.platform)
        self.repository: ecr.IRepository = props.repository
        self.tag = _tag(source.asset_hash, specification, self._workshop.build_image.image_id, dict(props.arguments))
        self.uri = props.repository.repository_uri_for_tag(self.tag)
        project = self._project(props, source, specification)
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="image_build",
                description="Has a container image built before it is needed",
                timeout=FUNCTION_TIMEOUT,
                log_retention=props.log_retention,
            ),
        ).resource
        _let_build(function, project, props.repository)
        again = self._let_go_on(function)
        image = cdk.CustomResource(
            self,
            "Image",
            properties={
                "ProjectName": project.project_name,
                "RepositoryName": props.repository.repository_name,
                "Tag": self.tag,
                "ImageUri": self.uri,
            },
            resource_type="Custom::ContainerImage",
            service_timeout=SERVICE_TIMEOUT,
            service_token=function.function_arn,
        )
        image.node.add_dependency(self.node.find_child("Role"))  # its policy too: a build without it would fail
        image.node.add_dependency(again)
        if props.mirror:
            image.node.add_dependency(props.mirror)
        self.project_name = project.project_name
        self.image_uri = image.get_att_string("ImageUri")

    def _let_go_on(self, function: lambda_.Function) -> iam.Policy:
        """Allow the function to call itself, because a build may take longer than Lambda's 15 minutes.

        A policy of its own: the function waits for its role's default policy, which therefore cannot name it.
        """
        statement = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function.function_arn])
        return iam.Policy(self, "Again", roles=[function.role] if function.role else [], statements=[statement])

    def _role(self, props: ContainerBuildProps, source: assets.Asset, log_group: logs.LogGroup) -> iam.Role:
        """What a build may do, but for what it is sent, which lies below its project."""
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codebuild.amazonaws.com"),
            description=f"What the build of {props.source} may do",
        )
        log_group.grant_write(role)
        props.repository.grant_push(role)
        props.repository.grant(role, "ecr:BatchGetImage")  # newer versions of Docker look before they push
        acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "ecr:GetAuthorizationToken knows no resource.")
        # The asset's own grant opens the whole bucket, with every stack's assets.
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[source.bucket.arn_for_objects(source.s3_object_key)],
            )
        )
        if props.mirror:
            props.mirror.allow(role)
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:GetBucketAcl", "s3:GetBucketLocation"], resources=[source.bucket.bucket_arn]
            )
        )
        return role

    def _project(
        self, props: ContainerBuildProps, source: assets.Asset, specification: Mapping[str, Any]
    ) -> codebuild.Project:
        log_group = logs.LogGroup(self, "Logs", retention=props.log_retention, removal_policy=cdk.RemovalPolicy.DESTROY)
        role = self._role(props, source, log_group)
        variables = {
            "IMAGE_REPOSITORY_URI": props.repository.repository_uri,
            "IMAGE_TAG": self.tag,
            **{name: props.mirror.uri(value) if props.mirror else value for name, value in props.arguments.items()},
        }
        project = codebuild.Project(
            self,
            "Resource",
            build_spec=codebuild.BuildSpec.from_object(dict(specification)),
            cache=codebuild.Cache.local(codebuild.LocalCacheMode.DOCKER_LAYER),
            description=f"Builds the image of containers/{props.source}",
            environment=codebuild.BuildEnvironment(
                build_image=self._workshop.build_image,
                compute_type=props.compute,
                privileged=True,  # Docker's daemon runs inside the build; the machine is this one build's alone
            ),
            environment_variables={
                name: codebuild.BuildEnvironmentVariable(value=value) for name, value in variables.items()
            },
            grant_report_group_permissions=False,
            logging=codebuild.LoggingOptions(cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=log_group)),
            queued_timeout=QUEUED_TIMEOUT,
            role=role.without_policy_updates(),
            source=codebuild.Source.s3(bucket=source.bucket, path=source.s3_object_key),
            timeout=BUILD_TIMEOUT,
        )
        acknowledge(
            project,
            "AwsSolutions-CB4",
            "A key encrypts a project's artifacts, and this one has none; the image is encrypted in its repository.",
        )
        # What `mlstack image build` sends lies under the project's own name, and nothing else does.
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[source.bucket.arn_for_objects(f"{project.project_name}/*")],
            )
        )
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::...assets-...<.../*]",
            "A source is named by its hash, below the project.",
        )
        return project


def _left_out(folder: Path) -> list[str]:
    """What Docker would not see either, so that it changes no tag."""
    ignored = folder / ".dockerignore"
    lines = ignored.read_text().splitlines() if ignored.exists() else []
    return [*lines, *(f"**/{pattern}" for pattern in LEFT_OUT), *(f"!{name}" for name in DOCKERFILES)]


def _specification(arguments: Mapping[str, str], platform: str) -> Mapping[str, Any]:
    """Log in, build and push; CodeBuild ends with the first command that fails, and names it."""
    given = "".join(f' --build-arg {name}="${name}"' for name in sorted(arguments))
    # SageMaker takes Docker's own manifests only: no OCI types, and no index, which attestations make.
    # https://github.com/aws/amazon-sagemaker-feedback/issues/180
    kind = "--provenance=false --sbom=false --output=type=image,oci-mediatypes=false"
    image = '"$IMAGE_REPOSITORY_URI:$IMAGE_TAG"'
    commands = [
        "password=$(aws ecr get-login-password)",
        'printf %s "$password" | docker login --username AWS --password-stdin "${IMAGE_REPOSITORY_URI%%/*}"',
        f"docker buildx build --pull --platform={platform} {kind}{given} --tag {image} .",
        f"docker push {image}",
    ]
    return {"version": "0.2", "phases": {"build": {"on-failure": "ABORT", "commands": commands}}}


def _tag(*parts: object) -> str:
    """One tag for one content and one way to build it."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _let_build(function: lambda_.Function, project: codebuild.Project, repository: ecr.IRepository) -> None:
    repository.grant(function, "ecr:DescribeImages")
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=[
                "codebuild:BatchGetBuilds",
                "codebuild:BatchGetProjects",
                "codebuild:ListBuildsForProject",
                "codebuild:StartBuild",
            ],
            resources=[project.project_arn],
        )
    )
