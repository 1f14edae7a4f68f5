"""AWS::ECS::Cluster, TaskDefinition and Service: made by ECS's calls, services waited for as CloudFormation does."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.ecs_spelling import labels, relabelled, spelled
from mlstack.local.cloudformation.failure import FinalError
from mlstack.local.cloudformation.named import fitting, named

PATIENCE_S = 900.0
"""How long a service may take; CloudFormation waits for three hours."""
STEP_S = 0.05
LONGEST = 255
RENAMED = {"ClusterSettings": "Settings"}
DEFINITION = (
    "Family",
    "ContainerDefinitions",
    "Cpu",
    "EnableFaultInjection",
    "EphemeralStorage",
    "ExecutionRoleArn",
    "InferenceAccelerators",
    "IpcMode",
    "Memory",
    "NetworkMode",
    "PidMode",
    "PlacementConstraints",
    "ProxyConfiguration",
    "RequiresCompatibilities",
    "RuntimePlatform",
    "TaskRoleArn",
    "Volumes",
)
SERVICE = ("ServiceName", "Cluster", "DeploymentController/Type", "LaunchType", "Role", "SchedulingStrategy")
ONLY_AT_FIRST = frozenset({"ServiceName", "Cluster", "LaunchType", "Role", "SchedulingStrategy"})
BREAKER = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."
Client = Any


def _cluster(ecs: Client, name: str, properties: Properties) -> str:
    asked = {RENAMED.get(key, key): value for key, value in properties.items()}
    asked = spelled("CreateCluster", {**asked, "ClusterName": fitting(name, LONGEST)})
    return str(ecs.create_cluster(**asked, tags=labels(properties))["cluster"]["clusterName"])


def _cluster_again(ecs: Client, name: str, new: Properties, old: Properties) -> None:
    relabelled(ecs, _cluster_arn(ecs, name)["Arn"], new, old)
    changed = {RENAMED.get(key, key): new[key] for key in ("ClusterSettings", "Configuration") if key in new}
    if "ServiceConnectDefaults" in new:
        changed["ServiceConnectDefaults"] = new["ServiceConnectDefaults"]
    ecs.update_cluster(**spelled("UpdateCluster", {**changed, "Cluster": name}))
    providers = ("CapacityProviders", "DefaultCapacityProviderStrategy")
    if any(new.get(key) != old.get(key) for key in providers):
        asked = {key: new.get(key, []) for key in providers}
        ecs.put_cluster_capacity_providers(**spelled("PutClusterCapacityProviders", {**asked, "Cluster": name}))


def _no_cluster(ecs: Client, name: str, _: Properties) -> None:
    """Delete it; whatever is still in it is no fault of a moment's, so that nobody tries again."""
    try:
        ecs.delete_cluster(cluster=name)
    except ClientError as error:
        if error.response["Error"]["Code"].startswith("ClusterContains"):
            raise FinalError(str(error.response["Error"]["Message"])) from error
        raise


def _cluster_arn(ecs: Client, name: str) -> dict[str, str]:
    [found] = ecs.describe_clusters(clusters=[name])["clusters"]
    return {"Arn": str(found["clusterArn"])}


def _definition(ecs: Client, name: str, properties: Properties) -> str:
    asked = spelled("RegisterTaskDefinition", {**properties, "Family": fitting(name, LONGEST)})
    made = ecs.register_task_definition(**asked, tags=labels(properties))
    return str(made["taskDefinition"]["taskDefinitionArn"])


def _service(ecs: Client, name: str, properties: Properties) -> str:
    asked = spelled("CreateService", {**_without_force(properties), "ServiceName": fitting(name, LONGEST)})
    made = ecs.create_service(**{"desiredCount": 1, **asked}, tags=labels(properties))["service"]
    try:
        _stable(ecs, made)
    except FinalError:
        _no_service(ecs, made["serviceArn"], properties)
        raise
    return str(made["serviceArn"])


def _service_again(ecs: Client, arn: str, new: Properties, old: Properties) -> None:
    relabelled(ecs, arn, new, old)
    said = {key: value for key, value in _without_force(new).items() if key not in ONLY_AT_FIRST}
    said.pop("DeploymentController", None)
    force = new.get("ForceNewDeployment", {}) != old.get("ForceNewDeployment", {})
    asked = spelled("UpdateService", {**said, "Cluster": _cluster_of(arn), "Service": arn})
    _stable(ecs, ecs.update_service(**asked, **({"forceNewDeployment": True} if force else {}))["service"])


def _without_force(properties: Properties) -> Properties:
    return {key: value for key, value in properties.items() if key != "ForceNewDeployment"}


def _no_service(ecs: Client, arn: str, _: Properties) -> None:
    """Scale it to nothing, delete it, and wait until its last task has stopped; somebody may have begun with that."""
    where = _cluster_of(arn)
    if _status(ecs, arn) == "ACTIVE":
        ecs.update_service(cluster=where, service=arn, desiredCount=0)
        ecs.delete_service(cluster=where, service=arn, force=True)
    _wait(lambda: _status(ecs, arn) == "INACTIVE", "it is still draining")


def _stable(ecs: Client, made: Mapping[str, Any]) -> None:
    """Wait until a service's tasks are those of its newest deployment; FinalError where that fails."""
    arn, deployment = str(made["serviceArn"]), str(made["deployments"][0]["id"])

    def look() -> bool:
        said = _described(ecs, arn)
        found = next((one for one in said["deployments"] if one["id"] == deployment), None)
        if found is None or found["rolloutState"] == "FAILED":
            reason = found["rolloutStateReason"] if found else "another deployment took its place"
            events = [str(one["message"]) for one in said["events"][:3]]
            raise FinalError(" ".join((BREAKER, reason, *events)))
        enough = said["runningCount"] == said["desiredCount"] and said["pendingCount"] == 0
        return bool(enough and len(said["deployments"]) == 1 and found["rolloutState"] == "COMPLETED")

    _wait(look, "the service did not become stable")


def _wait(done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if done():
            return
        time.sleep(STEP_S)
    message = f"{otherwise} after {PATIENCE_S:g} s"
    raise FinalError(message)


def _cluster_of(arn: str) -> str:
    return arn.split("/")[-2]


def _described(ecs: Client, arn: str) -> Mapping[str, Any]:
    [said] = _found(ecs, arn)
    return said


def _status(ecs: Client, arn: str) -> str:
    """A service's status; one that ECS does not know any more is inactive."""
    return next((str(said["status"]) for said in _found(ecs, arn)), "INACTIVE")


def _found(ecs: Client, arn: str) -> list[Mapping[str, Any]]:
    said: list[Mapping[str, Any]] = ecs.describe_services(cluster=_cluster_of(arn), services=[arn])["services"]
    return said


ECS = (
    Kind(
        type="AWS::ECS::Cluster",
        service="ecs",
        fixed=("ClusterName",),
        create=_cluster,
        update=_cluster_again,
        delete=_no_cluster,
        attributes=_cluster_arn,
    ),
    Kind(
        type="AWS::ECS::TaskDefinition",
        service="ecs",
        fixed=DEFINITION,
        create=_definition,
        update=relabelled,
        delete=lambda ecs, arn, _: ecs.deregister_task_definition(taskDefinition=arn),
        attributes=lambda _, arn: {"TaskDefinitionArn": arn},
    ),
    Kind(
        type="AWS::ECS::Service",
        service="ecs",
        fixed=SERVICE,
        create=_service,
        update=_service_again,
        delete=_no_service,
        attributes=lambda _, arn: {"Name": named(arn), "ServiceArn": arn},
    ),
)
