"""What ECS refuses of a task definition, in its words."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mlstack.local.container.image import URI
from mlstack.local.ecs import size
from mlstack.local.ecs.dependency import ENDED, HEALTHY, Condition, circle

Json = dict[str, Any]
NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
FARGATE, AWSVPC, AWSLOGS = "FARGATE", "awsvpc", "awslogs"
NEEDS_ROLE = "Fargate requires task definition to have execution role ARN to support {what}."
NOT_ON_FARGATE = "Tasks using the Fargate launch type do not support {what}."
LONGEST_STOP_S = 120
RANGES = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
EPHEMERAL_GIB = (21, 200)
KINDS = frozenset({"CMD", "CMD-SHELL", "NONE"})
FOREIGN = ("privileged", "links", "dnsServers", "dnsSearchDomains", "extraHosts", "dockerSecurityOptions", "hostname")
FOREIGN_LINUX = ("devices", "tmpfs", "sharedMemorySize", "maxSwap", "swappiness")


def complaint(asked: Json) -> str:
    """The first thing that ECS would say against a definition; empty where it takes it."""
    return next(_broken(asked), "")


def needs(containers: list[Json]) -> dict[str, tuple[Condition, ...]]:
    """What each container waits for."""
    return {
        str(one["name"]): tuple(
            Condition(container=said["containerName"], condition=said["condition"])
            for said in one.get("dependsOn") or ()
        )
        for one in containers
    }


def _broken(asked: Json) -> Iterator[str]:
    containers = asked["containerDefinitions"]
    if not NAME.fullmatch(asked["family"]):
        yield "Family contains invalid characters."
    if not containers:
        yield "Container list cannot be empty."
    for one in containers:
        yield from _nameless(one)
    twice = [name for name, count in Counter(one.get("name") for one in containers).items() if count > 1]
    if twice:
        yield f"Container name '{twice[0]}' is not unique in this task definition."
    if not any(one.get("essential", True) for one in containers):
        yield "Task definition does not have any essential containers."
    for one in containers:
        yield from _container(asked, one)
    yield from _dependencies(containers)
    yield from _volumes(asked)
    if FARGATE in asked.get("requiresCompatibilities", ()):
        yield from _fargate(asked)


def _nameless(one: Json) -> Iterator[str]:
    for key in ("name", "image"):
        if not one.get(key):
            yield f"Container.{key} should not be null or empty."
    if not NAME.fullmatch(one.get("name", "")):
        yield "Container.name contains invalid characters."


def _container(asked: Json, one: Json) -> Iterator[str]:
    name = one["name"]
    if not (asked.get("memory") or one.get("memory") or one.get("memoryReservation")):
        yield (
            f"Invalid setting for container '{name}'. "
            "At least one of 'memory' or 'memoryReservation' must be specified."
        )
    if one.get("memoryReservation", 0) > (one.get("memory") or one.get("memoryReservation", 0)):
        yield f"Invalid setting for container '{name}'. 'memory' must not be less than 'memoryReservation'."
    if one.get("secrets") and not asked.get("executionRoleArn"):
        yield "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
    yield from _health(name, one.get("healthCheck"))
    if asked.get("networkMode") == AWSVPC:
        for mapping in one.get("portMappings") or ():
            if mapping.get("hostPort", mapping.get("containerPort")) != mapping.get("containerPort"):
                yield "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
    logs = one.get("logConfiguration") or {}
    if logs.get("logDriver") == AWSLOGS:
        for option in ("awslogs-group", "awslogs-region"):
            if not (logs.get("options") or {}).get(option):
                yield f"Log driver awslogs requires options: {option}."


def _health(name: str, check: Json | None) -> Iterator[str]:
    if check is None:
        return
    if not check.get("command") or check["command"][0] not in KINDS:
        yield f"Invalid health check of container '{name}': the command begins with CMD, CMD-SHELL or NONE."
    for key, (least, most) in RANGES.items():
        if not least <= check.get(key, least) <= most:
            yield f"Invalid health check of container '{name}': {key} is between {least} and {most}."


def _dependencies(containers: list[Json]) -> Iterator[str]:
    by_name = {one["name"]: one for one in containers}
    waits = needs(containers)
    for name, said in waits.items():
        for need in said:
            other = by_name.get(need.container)
            if other is None or need.container == name:
                yield f"Container '{name}' depends on '{need.container}', which is not another container of the task."
                return
            if need.condition == HEALTHY and not other.get("healthCheck"):
                yield f"Container '{name}' waits for '{need.container}' to be HEALTHY, which has no health check."
            if need.condition in ENDED and other.get("essential", True):
                yield f"The condition {need.condition} cannot be set on the essential container '{need.container}'."
    if circle(waits):
        yield "Container dependencies contain a circle."


def _volumes(asked: Json) -> Iterator[str]:
    names = [volume.get("name") for volume in asked.get("volumes") or ()]
    if len(names) != len(set(names)) or not all(NAME.fullmatch(name or "") for name in names):
        yield "Volume names must be unique, of letters, numbers, hyphens and underscores."
    for one in asked["containerDefinitions"]:
        for point in one.get("mountPoints") or ():
            if point.get("sourceVolume") not in names:
                yield f"Unknown volume '{point.get('sourceVolume')}'."
            if not str(point.get("containerPath", "")).startswith("/"):
                yield f"Invalid containerPath of container '{one['name']}': it must be an absolute path."


def _fargate(asked: Json) -> Iterator[str]:
    for key in ("cpu", "memory"):
        if not asked.get(key):
            yield f"Fargate requires that '{key}' be defined at the task level."
    yield from filter(None, [size.complaint(asked["cpu"], asked["memory"])])
    if asked.get("networkMode") != AWSVPC:
        yield "Fargate only supports network mode 'awsvpc'."
    storage = (asked.get("ephemeralStorage") or {}).get("sizeInGiB", EPHEMERAL_GIB[0])
    if not EPHEMERAL_GIB[0] <= storage <= EPHEMERAL_GIB[1]:
        yield f"Ephemeral storage must be between {EPHEMERAL_GIB[0]} and {EPHEMERAL_GIB[1]} GiB."
    if asked.get("placementConstraints"):
        yield "Placement constraints are not supported with Fargate."
    for volume in asked.get("volumes") or ():
        if (volume.get("host") or {}).get("sourcePath") or volume.get("dockerVolumeConfiguration"):
            yield NOT_ON_FARGATE.format(what=f"the host's folders, as volume '{volume['name']}' asks for")
    for one in asked["containerDefinitions"]:
        yield from _fargate_container(asked, one)
    yield from _too_much(asked)


def _too_much(asked: Json) -> Iterator[str]:
    for key in ("cpu", "memory"):
        if sum(one.get(key) or 0 for one in asked["containerDefinitions"]) > (size.units(asked[key]) or 0):
            yield f"The containers' '{key}' adds up to more than the task's."


def _fargate_container(asked: Json, one: Json) -> Iterator[str]:
    if not asked.get("executionRoleArn"):
        if URI.fullmatch(one["image"]):
            yield NEEDS_ROLE.format(what="ECR images")
        if (one.get("logConfiguration") or {}).get("logDriver") == AWSLOGS:
            yield NEEDS_ROLE.format(what="log driver awslogs")
    logs = one.get("logConfiguration") or {}
    if logs.get("logDriver") == AWSLOGS and not (logs.get("options") or {}).get("awslogs-stream-prefix"):
        yield "Log driver awslogs requires option awslogs-stream-prefix with the Fargate launch type."
    linux = one.get("linuxParameters") or {}
    foreign = [key for key in FOREIGN if one.get(key)] + [key for key in FOREIGN_LINUX if linux.get(key)]
    if foreign:
        yield NOT_ON_FARGATE.format(what=foreign[0])
    if set((linux.get("capabilities") or {}).get("add") or ()) - {"SYS_PTRACE"}:
        yield NOT_ON_FARGATE.format(what="added capabilities other than SYS_PTRACE")
    if any(said.get("type") == "GPU" for said in one.get("resourceRequirements") or ()):
        yield NOT_ON_FARGATE.format(what="GPUs")
    if not 0 <= one.get("stopTimeout", 0) <= LONGEST_STOP_S:
        yield f"Invalid setting for container '{one['name']}': stopTimeout is at most {LONGEST_STOP_S} on Fargate."
