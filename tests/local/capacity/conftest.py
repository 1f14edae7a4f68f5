"""A local AWS of these tests' own, since they let time pass; a cluster a test, and an image of small programs."""

import json
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.capacity.yard import GPU_IMAGE, Yard
from tests.local.conftest import started
from tests.local.ecs.conftest import image

__all__ = ["image"]
Refused = Callable[..., tuple[str, str]]


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with started(tmp_path_factory.mktemp("capacity")) as aws:
        document = {"Version": "2012-10-17", "Statement": []}
        aws.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=json.dumps(document))
        yield aws
        assert aws.report()["faults"] == []


@pytest.fixture
def yard(local_aws: LocalAws) -> Iterator[Yard]:
    made = Yard(local_aws)
    made.open()
    yield made
    made.close()


@pytest.fixture
def local_aws_image(local_aws: LocalAws) -> Callable[[], str]:
    """Has AWS publish a newer image for ECS with GPUs; its id."""
    return lambda: local_aws.newer_image(GPU_IMAGE)


@pytest.fixture
def refused() -> Refused:
    """The code and the words with which a call is refused."""

    def refusal(call: Callable[..., object], **asked: object) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            call(**asked)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    return refusal
