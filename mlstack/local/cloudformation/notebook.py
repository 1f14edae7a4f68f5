"""AWS::SageMaker::NotebookInstance, with its lifecycle configuration and its code repositories."""

from collections.abc import Mapping
from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.failure import FinalError
from mlstack.local.cloudformation.hosting import gone, settled
from mlstack.local.cloudformation.named import fitting, named, tagged

Client = Any
FIXED = (
    "NotebookInstanceName",
    "DirectInternetAccess",
    "KmsKeyId",
    "PlatformIdentifier",
    "SecurityGroupIds",
    "SubnetId",
)
CHANGED = (
    "AdditionalCodeRepositories",
    "DefaultCodeRepository",
    "InstanceMetadataServiceConfiguration",
    "InstanceType",
    "LifecycleConfigName",
    "RoleArn",
    "RootAccess",
    "VolumeSizeInGB",
)
TAKEN_AWAY = {
    "AdditionalCodeRepositories": "DisassociateAdditionalCodeRepositories",
    "DefaultCodeRepository": "DisassociateDefaultCodeRepository",
    "LifecycleConfigName": "DisassociateLifecycleConfig",
}


def _described(sagemaker: Client, arn: str) -> Mapping[str, Any]:
    said: Mapping[str, Any] = sagemaker.describe_notebook_instance(NotebookInstanceName=named(arn))
    return said


def _wait(sagemaker: Client, arn: str, wanted: str) -> None:
    said = settled(lambda: _described(sagemaker, arn), "NotebookInstanceStatus")
    if said["NotebookInstanceStatus"] != wanted:
        message = f"the notebook instance is {said['NotebookInstanceStatus']} instead of {wanted}"
        raise FinalError(said.get("FailureReason", message))


def _notebook(sagemaker: Client, name: str, properties: Properties) -> str:
    asked = {key: value for key, value in properties.items() if key != "NotebookInstanceName"}
    made = sagemaker.create_notebook_instance(NotebookInstanceName=fitting(name), **asked)
    arn = str(made["NotebookInstanceArn"])
    _wait(sagemaker, arn, "InService")
    return arn


def _stop(sagemaker: Client, arn: str) -> bool:
    """Stop it where it runs; whether it ran."""
    said = settled(lambda: _described(sagemaker, arn), "NotebookInstanceStatus")
    ran = str(said["NotebookInstanceStatus"]) == "InService"
    if ran:
        sagemaker.stop_notebook_instance(NotebookInstanceName=named(arn))
        _wait(sagemaker, arn, "Stopped")
    return ran


def _notebook_again(sagemaker: Client, arn: str, new: Properties, old: Properties) -> None:
    tagged(sagemaker, arn, new, old)
    changed = {name: new[name] for name in CHANGED if name in new and new[name] != old.get(name)}
    changed |= {flag: True for name, flag in TAKEN_AWAY.items() if name in old and name not in new}
    if not changed:
        return
    ran = _stop(sagemaker, arn)
    sagemaker.update_notebook_instance(NotebookInstanceName=named(arn), **changed)
    _wait(sagemaker, arn, "Stopped")
    if ran:
        sagemaker.start_notebook_instance(NotebookInstanceName=named(arn))
        _wait(sagemaker, arn, "InService")


def _no_notebook(sagemaker: Client, arn: str, _: Properties) -> None:
    _stop(sagemaker, arn)
    sagemaker.delete_notebook_instance(NotebookInstanceName=named(arn))
    gone(lambda: _described(sagemaker, arn), "NotebookInstanceStatus")


def _lifecycle(sagemaker: Client, name: str, properties: Properties) -> str:
    asked = {key: properties[key] for key in ("OnCreate", "OnStart", "Tags") if key in properties}
    name = fitting(name)
    made = sagemaker.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name, **asked)
    return str(made["NotebookInstanceLifecycleConfigArn"])


def _lifecycle_again(sagemaker: Client, arn: str, new: Properties, old: Properties) -> None:
    tagged(sagemaker, arn, new, old)
    scripts = {key: new.get(key, []) for key in ("OnCreate", "OnStart")}
    sagemaker.update_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=named(arn), **scripts)


def _no_lifecycle(sagemaker: Client, arn: str, _: Properties) -> None:
    sagemaker.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=named(arn))


def _lifecycle_name(sagemaker: Client, arn: str) -> dict[str, str]:
    said = sagemaker.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=named(arn))
    return dict.fromkeys(("Id", "NotebookInstanceLifecycleConfigName"), said["NotebookInstanceLifecycleConfigName"])


def _repository(sagemaker: Client, name: str, properties: Properties) -> str:
    asked = {key: properties[key] for key in ("GitConfig", "Tags") if key in properties}
    return str(sagemaker.create_code_repository(CodeRepositoryName=fitting(name), **asked)["CodeRepositoryArn"])


def _repository_again(sagemaker: Client, arn: str, new: Properties, old: Properties) -> None:
    tagged(sagemaker, arn, new, old)
    git = {key: value for key, value in new["GitConfig"].items() if key == "SecretArn"}
    sagemaker.update_code_repository(CodeRepositoryName=named(arn), GitConfig=git)


def _repository_name(sagemaker: Client, arn: str) -> dict[str, str]:
    name = sagemaker.describe_code_repository(CodeRepositoryName=named(arn))["CodeRepositoryName"]
    return {"CodeRepositoryName": name, "Id": name}


NOTEBOOK = (
    Kind(
        type="AWS::SageMaker::NotebookInstance",
        service="sagemaker",
        fixed=FIXED,
        create=_notebook,
        update=_notebook_again,
        delete=_no_notebook,
        attributes=lambda sagemaker, arn: {
            key: _described(sagemaker, arn)["NotebookInstanceName"] for key in ("Id", "NotebookInstanceName")
        },
    ),
    Kind(
        type="AWS::SageMaker::NotebookInstanceLifecycleConfig",
        service="sagemaker",
        fixed=("NotebookInstanceLifecycleConfigName",),
        create=_lifecycle,
        update=_lifecycle_again,
        delete=_no_lifecycle,
        attributes=_lifecycle_name,
    ),
    Kind(
        type="AWS::SageMaker::CodeRepository",
        service="sagemaker",
        fixed=("CodeRepositoryName", "GitConfig/RepositoryUrl", "GitConfig/Branch"),
        create=_repository,
        update=_repository_again,
        delete=lambda sagemaker, arn, _: sagemaker.delete_code_repository(CodeRepositoryName=named(arn)),
        attributes=_repository_name,
    ),
)
