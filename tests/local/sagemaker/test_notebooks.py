"""Notebook instances go through SageMaker's states, and through no others."""

import base64
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually
from tests.local.sagemaker.conftest import ROLE

NAME = {"NotebookInstanceName": "notes"}
WANTED = {**NAME, "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
Client = Any


@pytest.fixture
def sagemaker(local_aws: LocalAws) -> Iterator[Client]:
    client = local_aws.client("sagemaker")
    yield client
    with suppress(ClientError):
        if reach(client, "InService", "Stopped") == "InService":
            client.stop_notebook_instance(**NAME)
            reach(client, "Stopped")
        client.delete_notebook_instance(**NAME)
        eventually(lambda: not client.list_notebook_instances()["NotebookInstances"])


def reach(client: Client, *wanted: str) -> str:
    """Wait for one of some states."""

    def look() -> str:
        said = str(client.describe_notebook_instance(**NAME)["NotebookInstanceStatus"])
        return said if said in wanted else ""

    return eventually(look)


def test_a_notebook_is_created_stopped_changed_started_and_deleted(sagemaker: Client) -> None:
    sagemaker.create_notebook_instance(**WANTED, Tags=[{"Key": "a", "Value": "b"}])
    first = sagemaker.describe_notebook_instance(**NAME)
    reach(sagemaker, "InService")
    url = sagemaker.create_presigned_notebook_instance_url(**NAME)["AuthorizedUrl"]
    sagemaker.stop_notebook_instance(**NAME)
    reach(sagemaker, "Stopped")
    sagemaker.update_notebook_instance(**NAME, InstanceType="ml.t3.large", VolumeSizeInGB=20)
    reach(sagemaker, "Stopped")
    sagemaker.start_notebook_instance(**NAME)
    reach(sagemaker, "InService")
    last = sagemaker.describe_notebook_instance(**NAME)

    listed = sagemaker.list_notebook_instances(StatusEquals="InService")["NotebookInstances"]
    assert (first["NotebookInstanceStatus"], first["VolumeSizeInGB"], first["RootAccess"]) == ("Pending", 5, "Enabled")
    assert url.startswith("https://notes.notebook.us-east-1.sagemaker.aws?authToken=")
    assert (last["InstanceType"], last["VolumeSizeInGB"]) == ("ml.t3.large", 20)
    assert [one["NotebookInstanceName"] for one in listed] == ["notes"]
    assert sagemaker.list_tags(ResourceArn=last["NotebookInstanceArn"])["Tags"] == [{"Key": "a", "Value": "b"}]


def test_a_running_notebook_is_neither_deleted_nor_changed_nor_started(sagemaker: Client) -> None:
    sagemaker.create_notebook_instance(**WANTED)
    with pytest.raises(ClientError, match="is not InService but Pending"):
        sagemaker.create_presigned_notebook_instance_url(**NAME)
    reach(sagemaker, "InService")

    for operation in ("delete", "update", "start"):
        with pytest.raises(ClientError, match=r"Status \(InService\) not in \(\[Stopped, Failed\]\)"):
            getattr(sagemaker, f"{operation}_notebook_instance")(**NAME)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"LifecycleConfigName": "nobody"}, "Could not find notebook instance lifecycle configuration"),
        ({"DirectInternetAccess": "Disabled"}, "SubnetId is needed"),
        ({"SubnetId": "subnet-1"}, "SecurityGroupIds are needed"),
        ({"InstanceType": "ml.tiny"}, "enum value set"),
        ({"VolumeSizeInGB": 20000}, "less than or equal to 16384"),
        ({"PlatformIdentifier": "notebook-al9"}, "regular expression pattern"),
    ],
)
def test_a_notebook_that_cannot_be_is_refused(sagemaker: Client, changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        sagemaker.create_notebook_instance(**{**WANTED, **changed})


def test_a_volume_only_grows_and_a_stranger_is_not_found(sagemaker: Client) -> None:
    sagemaker.create_notebook_instance(**WANTED, VolumeSizeInGB=30)

    with pytest.raises(ClientError, match="cannot be made smaller"):
        sagemaker.update_notebook_instance(**NAME, VolumeSizeInGB=10)
    with pytest.raises(ClientError, match="RecordNotFound"):
        sagemaker.describe_notebook_instance(NotebookInstanceName="nobody")


def test_settings_are_kept_changed_and_forgotten(sagemaker: Client) -> None:
    script, name = [{"Content": base64.b64encode(b"true").decode()}], {"NotebookInstanceLifecycleConfigName": "setup"}
    repository, git = {"CodeRepositoryName": "code"}, {"RepositoryUrl": "https://example.com/code.git"}
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key"  # noqa: S105 - a name

    sagemaker.create_notebook_instance_lifecycle_config(**name, OnStart=script)
    sagemaker.update_notebook_instance_lifecycle_config(**name, OnCreate=script)
    setup = sagemaker.describe_notebook_instance_lifecycle_config(**name)
    sagemaker.create_code_repository(**repository, GitConfig=git)
    sagemaker.update_code_repository(**repository, GitConfig={"SecretArn": secret})
    code = sagemaker.describe_code_repository(**repository)
    sagemaker.delete_notebook_instance_lifecycle_config(**name)
    sagemaker.delete_code_repository(**repository)

    assert (setup["OnCreate"], setup["OnStart"]) == (script, script)
    assert code["GitConfig"] == {**git, "SecretArn": secret}
    assert sagemaker.list_notebook_instance_lifecycle_configs()["NotebookInstanceLifecycleConfigs"] == []
    assert sagemaker.list_code_repositories()["CodeRepositorySummaryList"] == []
    with pytest.raises(ClientError, match="less than or equal to 16384"):
        sagemaker.create_notebook_instance_lifecycle_config(**name, OnStart=[{"Content": "A" * 16388}])
