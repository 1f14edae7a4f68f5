"""A notebook of a template is made, changed while it is stopped, and gone."""

import base64

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import inventory
from tests.local.builds import ROLE
from tests.local.stacks import Stacks, Template


def notebook(kind: str, script: str, **more: object) -> dict[str, Template]:
    content = {"Fn::Base64": script}
    return {
        "Repository": {
            "Type": "AWS::SageMaker::CodeRepository",
            "Properties": {"GitConfig": {"RepositoryUrl": "https://example.com/code.git", "Branch": "main"}},
        },
        "Setup": {
            "Type": "AWS::SageMaker::NotebookInstanceLifecycleConfig",
            "Properties": {"OnStart": [{"Content": content}]},
        },
        "Notebook": {
            "Type": "AWS::SageMaker::NotebookInstance",
            "Properties": {
                "NotebookInstanceName": "templated",
                "InstanceType": kind,
                "RoleArn": ROLE,
                "RootAccess": "Disabled",
                "PlatformIdentifier": "notebook-al2023-v1",
                "LifecycleConfigName": {"Fn::GetAtt": ["Setup", "NotebookInstanceLifecycleConfigName"]},
                "DefaultCodeRepository": {"Fn::GetAtt": ["Repository", "CodeRepositoryName"]},
                **more,
            },
        },
        "Sweep": {
            "Type": "AWS::Events::Rule",
            "Properties": {"ScheduleExpression": "rate(5 minutes)", "State": "ENABLED"},
        },
    }


def test_a_notebook_is_made_changed_and_taken_away(stacks: Stacks, local_aws: LocalAws) -> None:
    sagemaker, before = local_aws.client("sagemaker"), inventory(local_aws.client)
    outputs = {"Name": {"Value": {"Fn::GetAtt": ["Notebook", "NotebookInstanceName"]}}}
    name = stacks.create(notebook("ml.t3.medium", "one"), Outputs=outputs)
    first = sagemaker.describe_notebook_instance(NotebookInstanceName=stacks.outputs(name)["Name"])
    gaps = [gap for gap in local_aws.gaps() if gap["stack"] == name]

    stacks.update(name, notebook("ml.t3.large", "two", VolumeSizeInGB=10), Outputs=outputs)
    second = sagemaker.describe_notebook_instance(NotebookInstanceName="templated")
    setup = sagemaker.describe_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=second["NotebookInstanceLifecycleConfigName"]
    )
    stacks.delete(name)

    assert gaps == []
    assert (first["NotebookInstanceStatus"], second["NotebookInstanceStatus"]) == ("InService", "InService")
    assert first["PlatformIdentifier"] == "notebook-al2023-v1"
    assert (second["InstanceType"], second["VolumeSizeInGB"]) == ("ml.t3.large", 10)
    assert base64.b64decode(setup["OnStart"][0]["Content"]) == b"two"
    assert stacks.status(name) == "DELETED"
    assert inventory(local_aws.client) == before


def test_a_stopped_notebook_stays_stopped_and_loses_what_its_template_loses(
    stacks: Stacks, local_aws: LocalAws
) -> None:
    sagemaker = local_aws.client("sagemaker")
    name = stacks.create(notebook("ml.t3.medium", "one"))
    sagemaker.stop_notebook_instance(NotebookInstanceName="templated")
    sagemaker.get_waiter("notebook_instance_stopped").wait(
        NotebookInstanceName="templated", WaiterConfig={"Delay": 1, "MaxAttempts": 10}
    )
    plain = notebook("ml.t3.medium", "one")
    del plain["Notebook"]["Properties"]["LifecycleConfigName"]

    stacks.update(name, plain)

    said = sagemaker.describe_notebook_instance(NotebookInstanceName="templated")
    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    assert said["NotebookInstanceStatus"] == "Stopped"
    assert "NotebookInstanceLifecycleConfigName" not in said


def test_a_notebook_that_somebody_deleted_does_not_hold_its_stack(stacks: Stacks, local_aws: LocalAws) -> None:
    sagemaker = local_aws.client("sagemaker")
    name = stacks.create(notebook("ml.t3.medium", "one"))
    sagemaker.stop_notebook_instance(NotebookInstanceName="templated")
    options = {"NotebookInstanceName": "templated", "WaiterConfig": {"Delay": 1, "MaxAttempts": 10}}
    sagemaker.get_waiter("notebook_instance_stopped").wait(**options)
    sagemaker.delete_notebook_instance(NotebookInstanceName="templated")
    sagemaker.get_waiter("notebook_instance_deleted").wait(**options)

    stacks.delete(name)

    assert stacks.status(name) == "DELETED"
