"""An AWS inside this process for the functions' tests, and no way to a real one."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from moto import mock_aws

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
# A busy machine is no failure, and a failure must come again on the next machine.
settings.register_profile("functions", deadline=None, derandomize=True)
settings.load_profile("functions")


@pytest.fixture(scope="session")
def no_real_aws() -> Iterator[None]:
    """Hide the credentials, profiles and endpoints of the person who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        patch.setattr("boto3.DEFAULT_SESSION", None)
        yield


@pytest.fixture
def aws(no_real_aws: None) -> Iterator[None]:  # noqa: ARG001 (asked for what it does)
    """Start an AWS without any resource, and end it with the test."""
    with mock_aws():
        yield
