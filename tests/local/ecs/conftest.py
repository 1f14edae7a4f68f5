"""An image of small programs, a cluster, a log group; tasks and services that go when their test ends."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.builds import project, run
from tests.local.ecs.programs import SOURCE
from tests.local.ecs.shop import ROLE, Json, Shop
from tests.local.fake_image import BUILDSPEC
from tests.local.packing import zipped
from tests.local.patience import eventually


@pytest.fixture(scope="session")
def role(local_aws: LocalAws) -> Iterator[str]:
    """A role that tasks may have; whoever else runs some in this session may have made it."""
    iam, name = local_aws.client("iam"), ROLE.rpartition("/")[2]
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    except iam.exceptions.EntityAlreadyExistsException:
        yield ROLE
        return
    yield ROLE
    iam.delete_role(RoleName=name)


@pytest.fixture(scope="session")
def image(local_aws: LocalAws) -> Iterator[str]:
    """The URI of an image of small programs."""
    s3, ecr, codebuild = (local_aws.client(name) for name in ("s3", "ecr", "codebuild"))
    name = f"programs-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="source.zip", Body=zipped(SOURCE))
    uri = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
    codebuild.create_project(name=name, **project(f"{name}/source.zip", BUILDSPEC, IMAGE_REPOSITORY_URI=uri))
    assert run(local_aws, name, "v1")["buildStatus"] == "SUCCEEDED"
    yield f"{uri}:v1"
    codebuild.delete_project(name=name)
    ecr.delete_repository(repositoryName=name, force=True)
    s3.delete_object(Bucket=name, Key="source.zip")
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def pace(local_aws: LocalAws) -> Iterator[Callable[..., Json]]:
    """Sets how patient ECS is until the test ends; a program of these tests is trusted soon after its start."""
    before = local_aws.ecs()
    local_aws.ecs(steady_seconds=0.3)
    yield local_aws.ecs
    local_aws.ecs(**before)


@pytest.fixture
def shop(local_aws: LocalAws, image: str, role: str, pace: Callable[..., Json]) -> Iterator[Shop]:
    assert role == ROLE
    assert pace()["steady_seconds"] < 1
    name = f"cluster-{uuid4().hex[:8]}"
    ecs, logs = local_aws.client("ecs"), local_aws.client("logs")
    ecs.create_cluster(clusterName=name, capacityProviders=["FARGATE", "FARGATE_SPOT"])
    logs.create_log_group(logGroupName=f"/{name}")
    made = Shop(local_aws, image, name, f"/{name}")
    yield made
    made.close()
    eventually(lambda: _deleted(ecs, name))
    logs.delete_log_group(logGroupName=f"/{name}")


def _deleted(ecs: Any, name: str) -> bool:  # noqa: ANN401 - a client
    with suppress(ClientError):
        ecs.delete_cluster(cluster=name)
        return True
    return False


@pytest.fixture
def refusal() -> Callable[..., tuple[str, str]]:
    """The code and the words with which a call is refused."""

    def refused(call: Callable[..., object], **asked: object) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            call(**asked)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    return refused
