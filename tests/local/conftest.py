"""One local AWS for all tests of it; what a test makes there is gone when it ends."""

import json
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Resource, inventory
from tests.local.desk import Desk, desk_on
from tests.local.packing import zipped
from tests.local.stacks import Stacks

ROLE = "arn:aws:iam::123456789012:role/any"


def started(folder: Path) -> LocalAws:
    """One without a person's credentials."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_ACCESS_KEY_ID", raising=False)
        patch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
        return LocalAws.start(folder)


@pytest.fixture(scope="session")
def found_at_first() -> list[frozenset[Resource]]:
    return []


@pytest.fixture(scope="session")
def at_first(local_aws: LocalAws, found_at_first: list[frozenset[Resource]]) -> frozenset[Resource]:
    """What there was before any test made something."""
    assert local_aws.place.port > 0
    return found_at_first[0]


@pytest.fixture(scope="session")
def local_aws(
    tmp_path_factory: pytest.TempPathFactory, found_at_first: list[frozenset[Resource]]
) -> Iterator[LocalAws]:
    with started(tmp_path_factory.mktemp("local-aws")) as aws:
        aws.client("kms").describe_key(KeyId="alias/aws/s3")  # makes a key of AWS's own, which must not count
        found_at_first.append(inventory(aws.client))
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        aws.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=document)
        yield aws


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS for tests of one file that let time pass, which no other test expects."""
    with started(tmp_path_factory.mktemp("apart")) as aws:
        yield aws


@pytest.fixture
def stacks(local_aws: LocalAws) -> Iterator[Stacks]:
    made = Stacks(local_aws)
    yield made
    made.close()


@pytest.fixture
def function(local_aws: LocalAws) -> Iterator[Callable[..., str]]:
    """Makes a function of Python text, or of another zip, and gives its name."""
    client = local_aws.client("lambda")
    names: list[str] = []

    def make(text: str = "", **more: object) -> str:
        name = f"function-{uuid4().hex[:8]}"
        code = {"ZipFile": zipped({"handler.py": textwrap.dedent(text)})}
        wanted: dict[str, Any] = {"Runtime": "python3.13", "Handler": "handler.handle", "Role": ROLE, "Code": code}
        client.create_function(FunctionName=name, **{**wanted, **more})
        names.append(name)
        return name

    yield make
    for name in names:
        with suppress(ClientError):
            client.delete_function(FunctionName=name)


@pytest.fixture
def code_bucket(local_aws: LocalAws) -> Iterator[str]:
    """A bucket for zips."""
    s3, name = local_aws.client("s3"), f"code-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    yield name
    for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=found["Key"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture(scope="session")
def desk(local_aws: LocalAws) -> Iterator[Desk]:
    """Where jobs are asked for."""
    with desk_on(local_aws) as made:
        yield made
