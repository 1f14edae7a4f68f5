"""Images: built in the account from what Docker sees, once for each content, before anything needs them."""

import itertools
import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

from checks import templates
from checks.machine_scripts import embedded
from checks.shell import lint
from image_build.relay import FOR_THE_HANDOVER, LONGEST, MOST
from mlstack.assembly import Assembly, Stack
from mlstack.local.cloudformation.order import deletion_order
from shared.custom_resource import FOR_THE_ANSWER
from stacks.aws_solutions import AwsSolutions
from stacks.components.container_build import CONTAINERS, ContainerBuild, ContainerBuildProps
from stacks.components.container_repository import ContainerRepository, ContainerRepositoryProps
from stacks.components.retention import Retention
from stacks.foundation.images import ImagesStack, ImagesStackProps
from stacks.retention_rule import RetentionRule
from tests.templates.synthesis import FLAGS

ENV = cdk.Environment(region="us-east-1")
PROJECT, IMAGE, REPOSITORY = "AWS::CodeBuild::Project", "Custom::ContainerImage", "AWS::ECR::Repository"
Build = Callable[..., ContainerBuild]


def synthesized(folder: Path, retention: Retention) -> Assembly:
    """The stack under the rules of a stage, beside one that uses the image."""
    app = cdk.App(context=FLAGS, outdir=str(folder))
    props = ImagesStackProps(
        stage="stage", retention=retention, log_retention=logs.RetentionDays.ONE_WEEK, inference=("x86_64",)
    )
    images = ImagesStack(app, "stage-Images", props, env=ENV)
    user = cdk.Stack(app, "stage-User", env=ENV)
    role = iam.Role(user, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    images.inference["x86_64"].repository.grant_pull(role)
    cdk.CfnOutput(user, "Uri", value=images.inference["x86_64"].uri)
    cdk.Validations.of(app).add_plugins(RetentionRule(retention))
    cdk.Validations.of(images).add_plugins(AwsSolutions(images))
    app.synth()
    return Assembly.read(folder)


@pytest.fixture(scope="module")
def ephemeral(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Everything goes with the stage."""
    return synthesized(tmp_path_factory.mktemp("ephemeral"), Retention.EPHEMERAL)


@pytest.fixture(scope="module")
def durable(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Data stays."""
    return synthesized(tmp_path_factory.mktemp("durable"), Retention.DURABLE)


@pytest.fixture
def images(ephemeral: Assembly) -> Stack:
    return stack(ephemeral, "Images")


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Makes the build of a folder with some files, in an app of its own."""
    numbers = itertools.count()

    def made(files: dict[str, str], **props: Any) -> ContainerBuild:  # noqa: ANN401 (any of the props)
        folder = tmp_path / f"source-{next(numbers)}"  # the CDK remembers a folder's hash
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        scope = cdk.Stack(cdk.App(context=FLAGS, outdir=str(tmp_path / "out")), "Stack", env=ENV)
        repository = ContainerRepository(
            scope, "Repository", ContainerRepositoryProps(retention=Retention.EPHEMERAL)
        ).resource
        return ContainerBuild(
            scope,
            "Build",
            ContainerBuildProps(
                source=str(folder), repository=repository, log_retention=logs.RetentionDays.ONE_WEEK, **props
            ),
        )

    return made


def stack(assembly: Assembly, name: str) -> Stack:
    """One stack by its short name."""
    return next(one for one in assembly.stacks if one.name.endswith(name))


def only(within: Stack, kind: str) -> tuple[str, dict[str, Any]]:
    """The one resource of a type, with its logical id."""
    [found] = within.of_type(kind).items()
    return found


def granted(within: Stack, service: str) -> dict[str, Any]:
    """What a service may do, by action."""
    roles = [
        name
        for name, role in within.of_type("AWS::IAM::Role").items()
        if service in json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
    ]
    statements = [
        statement
        for policy in within.of_type("AWS::IAM::Policy").values()
        if policy["Properties"]["Roles"] == [{"Ref": name} for name in roles]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    return {
        action: statement["Resource"]
        for statement in statements
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def commands(within: Stack) -> list[str]:
    """What the build runs."""
    specification = json.loads(only(within, PROJECT)[1]["Properties"]["Source"]["BuildSpec"])
    assert list(specification["phases"]) == ["build"]
    found: list[str] = specification["phases"]["build"]["commands"]
    return found


def test_a_repository_is_scanned_and_its_tags_are_never_overwritten(ephemeral: Assembly, durable: Assembly) -> None:
    for assembly in (ephemeral, durable):
        Template.from_json(stack(assembly, "Images").template).has_resource_properties(
            REPOSITORY,
            {"ImageScanningConfiguration": {"ScanOnPush": True}, "ImageTagMutability": "IMMUTABLE"},
        )


def test_a_repository_keeps_its_last_images_and_nothing_untagged(images: Stack) -> None:
    _, repository = only(images, REPOSITORY)

    rules = json.loads(repository["Properties"]["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]

    assert [rule["selection"] for rule in rules] == [
        {"tagStatus": "untagged", "countType": "sinceImagePushed", "countNumber": 1, "countUnit": "days"},
        {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
    ]


def test_an_ephemeral_repository_is_emptied_and_goes(images: Stack) -> None:
    _, repository = only(images, REPOSITORY)

    assert repository["DeletionPolicy"] == repository["UpdateReplacePolicy"] == "Delete"
    assert repository["Properties"]["EmptyOnDelete"] is True


def test_a_durable_repository_stays_with_its_images(durable: Assembly) -> None:
    _, repository = only(stack(durable, "Images"), REPOSITORY)

    assert repository["DeletionPolicy"] == repository["UpdateReplacePolicy"] == "Retain"
    assert repository["Properties"].get("EmptyOnDelete", False) is False


def test_a_build_runs_docker_on_a_small_x86_machine_outside_any_vpc(images: Stack) -> None:
    _, project = only(images, PROJECT)

    properties = project["Properties"]

    assert properties["Environment"]["Type"] == "LINUX_CONTAINER"
    assert "x86_64" in properties["Environment"]["Image"]
    assert properties["Environment"]["ComputeType"] == "BUILD_GENERAL1_SMALL"
    assert properties["Environment"]["PrivilegedMode"] is True
    assert "VpcConfig" not in properties


def test_a_build_ends_before_its_function_gives_up_and_that_before_cloudformation_does(images: Stack) -> None:
    _, project = only(images, PROJECT)
    _, function = only(images, "AWS::Lambda::Function")
    _, image = only(images, IMAGE)

    build, queue = (project["Properties"][name] for name in ("TimeoutInMinutes", "QueuedTimeoutInMinutes"))
    leg = timedelta(seconds=function["Properties"]["Timeout"]) - FOR_THE_ANSWER - FOR_THE_HANDOVER
    hour = timedelta(seconds=int(image["Properties"]["ServiceTimeout"]))

    assert (build, queue) == (45, 5)
    assert timedelta(minutes=build + queue) < LONGEST < hour <= timedelta(hours=1)
    assert leg * MOST < LONGEST <= leg * (MOST + 1)


def test_the_image_the_projects_default_and_the_tag_are_the_same(images: Stack) -> None:
    _, image = only(images, IMAGE)
    _, project = only(images, PROJECT)
    variables = {one["Name"]: one["Value"] for one in project["Properties"]["Environment"]["EnvironmentVariables"]}

    tag = image["Properties"]["Tag"]

    assert re.fullmatch(r"[0-9a-f]{64}", tag)
    assert variables["IMAGE_TAG"] == tag
    assert json.dumps(image["Properties"]["ImageUri"]).endswith(f':{tag}"]]}}')
    assert json.dumps(variables["IMAGE_REPOSITORY_URI"])[:-3] in json.dumps(image["Properties"]["ImageUri"])


def test_outputs_name_the_image_once_it_is_built_and_its_repository(images: Stack) -> None:
    outputs = images.template["Outputs"]

    assert outputs["InferenceImageUri"]["Value"] == {"Fn::GetAtt": [only(images, IMAGE)[0], "ImageUri"]}
    assert outputs["InferenceRepositoryName"]["Value"] == {"Ref": only(images, REPOSITORY)[0]}


def test_the_build_may_read_its_source_push_to_its_repository_and_log_and_nothing_else(images: Stack) -> None:
    repository = {"Fn::GetAtt": [only(images, REPOSITORY)[0], "Arn"]}
    group = only(images, PROJECT)[1]["Properties"]["LogsConfig"]["CloudWatchLogs"]["GroupName"]["Ref"]
    location = only(images, PROJECT)[1]["Properties"]["Source"]["Location"]["Fn::Join"][1]

    may = granted(images, "codebuild")

    assert set(may) == {
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:GetAuthorizationToken",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetBucketAcl",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:GetObjectVersion",
    }
    assert may["ecr:GetAuthorizationToken"] == "*"
    assert may["ecr:PutImage"] == may["ecr:BatchGetImage"] == repository
    assert may["logs:PutLogEvents"] == {"Fn::GetAtt": [group, "Arn"]}
    deployed, sent = sorted((one["Fn::Join"][1] for one in may["s3:GetObject"]), key=lambda parts: parts[-1] == "/*")
    assert deployed[-len(location) :] == location
    assert "*" not in json.dumps(deployed)
    # What `mlstack image build` sends lies under the project's own name.
    assert sent[-2:] == [{"Ref": only(images, PROJECT)[0]}, "/*"]


def test_the_function_may_build_look_for_images_call_itself_and_log_and_nothing_else(
    images: Stack,
) -> None:
    project = {"Fn::GetAtt": [only(images, PROJECT)[0], "Arn"]}
    repository = {"Fn::GetAtt": [only(images, REPOSITORY)[0], "Arn"]}

    may = granted(images, "lambda")

    assert may.pop("logs:CreateLogStream") == may.pop("logs:PutLogEvents")
    assert may == {
        "codebuild:BatchGetBuilds": project,
        "codebuild:BatchGetProjects": project,
        "codebuild:ListBuildsForProject": project,
        "codebuild:StartBuild": project,
        "ecr:DescribeImages": repository,
        "lambda:InvokeFunction": {"Fn::GetAtt": [only(images, "AWS::Lambda::Function")[0], "Arn"]},
    }


def test_the_image_is_built_after_all_that_it_needs_and_forgotten_before_it(images: Stack) -> None:
    order = deletion_order(images.resources)
    image, _ = only(images, IMAGE)

    after = [
        name
        for kind in (PROJECT, REPOSITORY, "AWS::IAM::Policy", "AWS::Lambda::Function")
        for name in images.of_type(kind)
    ]

    assert len(after) == 6
    assert all(order.index(image) < order.index(name) for name in after)


def test_every_log_group_expires_and_goes_with_a_durable_stack_too(ephemeral: Assembly, durable: Assembly) -> None:
    for assembly in (ephemeral, durable):
        groups = stack(assembly, "Images").of_type("AWS::Logs::LogGroup").values()

        assert [group["Properties"]["RetentionInDays"] for group in groups] == [7, 7]
        assert {group["DeletionPolicy"] for group in groups} == {"Delete"}


def test_a_new_tag_reaches_another_stack_without_changing_what_this_one_exports(ephemeral: Assembly) -> None:
    images, user = stack(ephemeral, "Images"), stack(ephemeral, "User")
    tag = only(images, IMAGE)[1]["Properties"]["Tag"]
    exports = [output for output in images.template["Outputs"].values() if "Export" in output]

    assert exports
    assert tag not in json.dumps(exports)
    assert only(images, IMAGE)[0] not in json.dumps(exports)
    assert json.dumps(user.template["Outputs"]["Uri"]["Value"]).endswith(f':{tag}"]]}}')
    assert "Fn::ImportValue" in json.dumps(user.template["Outputs"]["Uri"]["Value"])


def test_the_template_is_what_cloudformation_takes_and_its_script_what_a_shell_takes(ephemeral: Assembly) -> None:
    scripts = [found.shell for found in embedded(ephemeral)]

    assert len(scripts) == 1
    assert lint(scripts) == []
    assert templates.check(ephemeral).findings == ()


def test_the_source_holds_what_docker_sees_and_nothing_else(images: Stack) -> None:
    location = only(images, PROJECT)[1]["Properties"]["Source"]["Location"]["Fn::Join"][1][-1]
    folder = images.template_path.parent / f"asset.{location.removeprefix('/').removesuffix('.zip')}"

    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    assert {"Dockerfile", "requirements.txt", "inference/__init__.py"} <= found
    assert not [name for name in found if "__pycache__" in name or name.startswith("tests")]
    assert found <= {
        path.relative_to(CONTAINERS / "inference").as_posix() for path in CONTAINERS.rglob("inference/**/*")
    }


FILES = {"Dockerfile": "FROM scratch", ".dockerignore": "*\n!app", "app/main.py": "print(1)"}


def test_equal_contents_have_equal_tags(build: Build) -> None:
    assert build(FILES).tag == build(dict(reversed(FILES.items()))).tag


@pytest.mark.parametrize(
    "name", ["README.md", "starter/model.onnx", "app/__pycache__/main.pyc", "app/tests/test_main.py", "app/.x_cache/y"]
)
def test_what_docker_does_not_see_changes_no_tag(build: Build, name: str) -> None:
    assert build(FILES | {name: "anything"}).tag == build(FILES).tag


@pytest.mark.parametrize(
    "changed",
    [{"app/main.py": "print(2)"}, {"app/more.py": ""}, {"Dockerfile": "FROM other"}, {".dockerignore": "#\n*\n!app"}],
)
def test_what_docker_sees_changes_the_tag(build: Build, changed: dict[str, str]) -> None:
    assert build(FILES | changed).tag != build(FILES).tag


def test_an_argument_changes_the_tag_by_its_name_and_its_value(build: Build) -> None:
    given: list[dict[str, str]] = [{}, {"BASE": "a"}, {"BASE": "b"}, {"OTHER": "a"}]

    tags = {build(FILES, arguments=arguments).tag for arguments in given}

    assert len(tags) == len(given)
    assert build(FILES, arguments={"A": "1", "B": "2"}).tag == build(FILES, arguments={"B": "2", "A": "1"}).tag


FAKE = """#!/bin/sh
printf '%s' "$(basename "$0") $*" >> "$LOG"
case "$*" in *--password-stdin*) printf ' < %s' "$(cat)" >> "$LOG" ;; esac
echo >> "$LOG"
case "$(basename "$0") $*" in "$FAILS"*) echo "no $FAILS" >&2; exit 3 ;; aws*) echo secret ;; esac
"""
HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
STEPS = ("aws ecr", "docker login", "docker buildx", "docker push")


def run(lines: list[str], folder: Path, *, fails: str = "nothing", **variables: str) -> tuple[int, list[str]]:
    """Run a build's commands as CodeBuild does, up to the first that fails, with an aws and a docker that only log."""
    for name in ("aws", "docker"):
        (folder / name).write_text(FAKE)
        (folder / name).chmod(0o755)
    log = folder / "log"
    log.touch()
    given = {"LOG": str(log), "FAILS": fails, "IMAGE_REPOSITORY_URI": f"{HOST}/images", "IMAGE_TAG": "tag", **variables}
    outcome = subprocess.run(
        ["/bin/sh", "-e", "-c", "\n".join(lines)],
        env={"PATH": f"{folder}:{os.environ['PATH']}"} | given,
        capture_output=True,
        check=False,
    )
    return outcome.returncode, log.read_text().splitlines()


def test_a_build_logs_in_builds_and_pushes_in_the_one_form_that_sagemaker_takes(images: Stack, tmp_path: Path) -> None:
    code, [asked, login, built, pushed] = run(commands(images), tmp_path)

    assert code == 0
    assert asked == "aws ecr get-login-password"
    assert login == f"docker login --username AWS --password-stdin {HOST} < secret"
    assert {"--provenance=false", "--sbom=false", "--output=type=image,oci-mediatypes=false"} <= set(built.split())
    assert built.endswith(f"--tag {HOST}/images:tag .")
    assert pushed == f"docker push {HOST}/images:tag"


@pytest.mark.parametrize("fails", STEPS)
def test_a_build_ends_with_its_first_failure(images: Stack, tmp_path: Path, fails: str) -> None:
    code, done = run(commands(images), tmp_path, fails=fails)

    assert code == 3
    assert len(done) == STEPS.index(fails) + 1


def test_an_argument_reaches_docker_whatever_its_value(build: Build, tmp_path: Path) -> None:
    value = "public.ecr.aws/x; rm -rf / $(whoami)"
    made = cdk.Stack.of(build(FILES, arguments={"BASE": value}))
    template = Template.from_stack(made)
    [project] = template.find_resources(PROJECT).values()
    variables = {one["Name"]: one["Value"] for one in project["Properties"]["Environment"]["EnvironmentVariables"]}
    lines = json.loads(project["Properties"]["Source"]["BuildSpec"])["phases"]["build"]["commands"]

    _, done = run(lines, tmp_path, BASE=variables["BASE"])

    assert variables["BASE"] == value
    assert f" --build-arg BASE={value} " in done[2]


def mirrored(folder: Path) -> Stack:
    """Images for both processors, which begin with copies of public ones."""
    app = cdk.App(context=FLAGS, outdir=str(folder))
    props = ImagesStackProps(
        stage="stage",
        retention=Retention.EPHEMERAL,
        log_retention=logs.RetentionDays.ONE_WEEK,
        inference=("arm64", "x86_64"),
        worker=("arm64",),
        training_base="public.ecr.aws/deep-learning-containers/pytorch:2.13-cu133-amzn2023-sagemaker",
        mirror=True,
    )
    ImagesStack(app, "stage-Images", props, env=ENV)
    app.synth()
    return stack(Assembly.read(folder), "Images")


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The same for all tests of it."""
    return mirrored(tmp_path_factory.mktemp("mirrored"))


def test_each_processor_has_a_machine_of_its_own_kind_and_one_repository_for_both(copies: Stack) -> None:
    machines = {
        one["Properties"]["Environment"]["Type"]: one["Properties"]["Environment"]["Image"]
        for one in copies.of_type(PROJECT).values()
    }
    own = [one for one in copies.of_type(REPOSITORY).values() if "RepositoryName" not in one["Properties"]]

    assert machines.keys() == {"ARM_CONTAINER", "LINUX_CONTAINER"}
    assert "aarch64" in machines["ARM_CONTAINER"]
    assert len(copies.of_type(PROJECT)) == 4
    assert len(own) == 3


def test_copies_of_public_images_are_the_stacks_and_go_with_it(copies: Stack) -> None:
    repositories = copies.of_type(REPOSITORY).values()
    named = {one["Properties"]["RepositoryName"]: one for one in repositories if "RepositoryName" in one["Properties"]}
    _, rule = only(copies, "AWS::ECR::PullThroughCacheRule")

    assert set(named) == {"mlstack-stage/deep-learning-containers/pytorch", "mlstack-stage/docker/library/python"}
    assert {one["DeletionPolicy"] for one in named.values()} == {"Delete"}
    assert all(one["Properties"]["EmptyOnDelete"] for one in named.values())
    assert {one["Properties"]["ImageTagMutability"] for one in named.values()} == {"MUTABLE"}
    assert rule["Properties"] == {"EcrRepositoryPrefix": "mlstack-stage", "UpstreamRegistryUrl": "public.ecr.aws"}
    assert len(rule["DependsOn"]) == len(named)
    assert "ecr:CreateRepository" not in json.dumps(copies.template)


def test_builds_begin_with_the_copies(copies: Stack) -> None:
    bases = [
        json.dumps(variable["Value"])
        for one in copies.of_type(PROJECT).values()
        for variable in one["Properties"]["Environment"]["EnvironmentVariables"]
        if variable["Name"] == "BASE"
    ]

    assert len(bases) == 4
    assert not any("public.ecr.aws" in base for base in bases)
