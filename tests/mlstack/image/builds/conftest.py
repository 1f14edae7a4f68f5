"""An assembly as the CDK writes it, and CodeBuild, ECR and the logs on the wire."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstack.assembly import Assembly, Stack
from mlstack.image.builds import course as courses
from mlstack.image.builds.building import Builds
from mlstack.image.builds.order import Order
from mlstack.image.builds.source import Source
from mlstack.image.builds.value import Place, Scope
from tests.mlstack.wire import Clock, Wire, refused, said, wired

ACCOUNT, REGION, TAG, KEY = "123456789012", "us-east-1", "c" * 64, "a" * 64
ASSETS = {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-us-east-1"}
ARN = {"Fn::GetAtt": ["Repository", "Arn"]}
REPOSITORY_URI = {
    "Fn::Join": [
        "",
        [
            {"Fn::Select": [4, {"Fn::Split": [":", ARN]}]},
            ".dkr.ecr.",
            {"Fn::Select": [3, {"Fn::Split": [":", ARN]}]},
            ".",
            {"Ref": "AWS::URLSuffix"},
            "/",
            {"Ref": "Repository"},
        ],
    ]
}
NAMES = {"Repository": "repository-1", "Project": "project-1"}
URI = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/repository-1"
ABSENT = refused("ImageNotFoundException")
PLACE = Place(partition="aws", region=REGION, account=ACCOUNT, url_suffix="amazonaws.com")


def template() -> dict[str, Any]:
    """The stack of one image, as the CDK renders it."""
    project = {
        "Environment": {
            "ComputeType": "BUILD_GENERAL1_SMALL",
            "EnvironmentVariables": [
                {"Name": "IMAGE_REPOSITORY_URI", "Type": "PLAINTEXT", "Value": REPOSITORY_URI},
                {"Name": "IMAGE_TAG", "Type": "PLAINTEXT", "Value": TAG},
            ],
            "Image": "aws/codebuild/amazonlinux-x86_64-standard:6.0",
            "PrivilegedMode": True,
            "Type": "LINUX_CONTAINER",
        },
        "Source": {
            "BuildSpec": '{"version": "0.2"}',
            "Location": {"Fn::Join": ["", [ASSETS, f"/{KEY}.zip"]]},
            "Type": "S3",
        },
    }
    image = {
        "ProjectName": {"Ref": "Project"},
        "RepositoryName": {"Ref": "Repository"},
        "Tag": TAG,
        "ImageUri": {"Fn::Join": ["", [REPOSITORY_URI, f":{TAG}"]]},
    }
    return {
        "Resources": {
            "Repository": {"Type": "AWS::ECR::Repository", "Properties": {}},
            "Project": {"Type": "AWS::CodeBuild::Project", "Properties": project},
            "Image": {"Type": "Custom::ContainerImage", "Properties": image},
        },
        "Outputs": {
            "InferenceArm64ImageUri": {"Value": {"Fn::GetAtt": ["Image", "ImageUri"]}},
            "InferenceArm64RepositoryName": {"Value": {"Ref": "Repository"}},
        },
    }


def write(
    folder: Path,
    *,
    name: str = "mlstack-sandbox-Images",
    body: dict[str, Any] | None = None,
    environment: str = "aws://unknown-account/us-east-1",
) -> Path:
    """Write an assembly of one stack."""
    folder.mkdir(exist_ok=True)
    properties = {"templateFile": f"{name}.template.json"}
    artifact = {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {name: artifact}}))
    (folder / f"{name}.template.json").write_text(json.dumps(template() if body is None else body))
    there = {"bucketName": ASSETS["Fn::Sub"], "objectKey": f"{KEY}.zip"}
    file = {"source": {"path": f"asset.{KEY}", "packaging": "zip"}, "destinations": {"here": there}}
    (folder / f"{name}.assets.json").write_text(json.dumps({"files": {KEY: file}}))
    asset = folder / f"asset.{KEY}"
    asset.mkdir(exist_ok=True)
    (asset / "Dockerfile").write_text("FROM scratch\n")
    return folder


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """The folder of an assembly."""
    return write(tmp_path / "cdk.out")


@pytest.fixture
def stack(assembly: Path) -> Stack:
    """Its stack."""
    return Assembly.read(assembly).stacks[0]


@pytest.fixture
def scope(stack: Stack) -> Scope:
    """What is known where it is deployed."""
    return Scope(place=PLACE, names=NAMES, kinds={name: body["Type"] for name, body in stack.resources.items()})


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """An image to build."""
    return Order(
        name="inference",
        project="project-1",
        repository="repository-1",
        tag=TAG,
        uri=f"{URI}:{TAG}",
        source=Source(path=tmp_path, bucket="assets", key=f"project-1/{KEY}.zip"),
        request={"sourceLocationOverride": f"assets/project-1/{KEY}.zip"},
    )


@pytest.fixture
def wire() -> Wire:
    """An account in which no image is there and nothing runs."""
    found = Wire()
    found.answer("DescribeImages", ABSENT)
    found.answer("ListBuildsForProject", said(ids=[]))
    return found


def told(
    status: str = "IN_PROGRESS", *phases: str, number: int = 1, tag: str = TAG, failed: str = ""
) -> dict[str, Any]:
    """A build as CodeBuild tells it."""
    listed: list[dict[str, Any]] = [{"phaseType": name, "phaseStatus": "SUCCEEDED"} for name in phases]
    if failed:
        contexts = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": failed}]
        listed[-1] |= {"phaseStatus": "FAILED", "contexts": contexts}
    return {
        "id": f"project-1:{number}",
        "buildStatus": status,
        "phases": listed,
        "environment": {"environmentVariables": [{"name": "IMAGE_TAG", "value": tag}]},
        "logs": {"groupName": "group", "streamName": "stream", "deepLink": "https://log"},
    }


@pytest.fixture
def builds(wire: Wire) -> Iterator[Builds]:
    """The builds of that account."""
    for account in wired(wire, ("codebuild", "ecr", "logs")):
        yield Builds.of(account)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """No test waits."""
    found = Clock(monkeypatch)
    monkeypatch.setattr(courses, "sleep", found.sleep)
    return found
