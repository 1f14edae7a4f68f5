"""Task definitions: registered, numbered, kept as they were said."""

import time
from typing import Any

from mlstack.local.ecs import requirement
from mlstack.local.ecs.hall import Hall
from mlstack.local.ecs.refusal import client, invalid
from mlstack.local.json_service import Answer, Json, ServiceError

MISSING = "Unable to describe task definition."
ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
CONTAINER: Json = {
    "cpu": 0,
    "portMappings": [],
    "essential": True,
    "environment": [],
    "mountPoints": [],
    "volumesFrom": [],
    "systemControls": [],
}
"""What ECS fills in."""


class Definitions:
    """Every revision of every family."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._families: dict[str, dict[int, Json]] = {}
        self._last: dict[str, int] = {}
        self._tags: dict[str, list[Json]] = {}

    def answers(self) -> dict[str, Answer]:
        """Its operations."""
        return {
            "DeleteTaskDefinitions": self._delete,
            "DeregisterTaskDefinition": self._deregister,
            "DescribeTaskDefinition": self._describe,
            "ListTaskDefinitionFamilies": self._list_families,
            "ListTaskDefinitions": self._list,
            "RegisterTaskDefinition": self._register,
        }

    def find(self, reference: str) -> Json:
        """A revision by its ARN or FAMILY:REVISION, or a family's newest active one."""
        family, _, revision = reference.rpartition("/")[2].partition(":")
        known = self._families.get(family, {})
        if revision:
            found = known.get(int(revision)) if revision.isdecimal() else None
        else:
            found = next((one for _, one in sorted(known.items(), reverse=True) if one["status"] == ACTIVE), None)
        if found is None:
            raise client(MISSING)
        return found

    def runnable(self, reference: str) -> Json:
        """A revision that new tasks may be of."""
        try:
            found = self.find(reference)
        except ServiceError as error:
            message = "TaskDefinition not found."
            raise client(message) from error
        if found["status"] != ACTIVE:
            message = "TaskDefinition is inactive"
            raise client(message)
        return found

    def tags(self, arn: str) -> list[Json] | None:
        """The tags of a revision; nothing where there is none."""
        return self._tags.get(arn)

    def _register(self, asked: Json) -> Json:
        trouble = requirement.complaint(asked)
        if trouble:
            raise client(trouble)
        said = {name: value for name, value in asked.items() if name != "tags"}
        family = said["family"]
        with self._hall.lock:
            revision = self._last[family] = self._last.get(family, 0) + 1
            arn = self._hall.arn("task-definition", f"{family}:{revision}")
            found = {
                "volumes": [],
                "placementConstraints": [],
                **said,
                "networkMode": said.get("networkMode", "bridge"),
                "containerDefinitions": [{**CONTAINER, **one} for one in said["containerDefinitions"]],
                "taskDefinitionArn": arn,
                "revision": revision,
                "status": ACTIVE,
                "compatibilities": _compatibilities(said),
                "registeredAt": time.time(),
            }
            self._families.setdefault(family, {})[revision] = found
            self._tags[arn] = list(asked.get("tags", []))
        return {"taskDefinition": found, "tags": self._tags[arn]}

    def _describe(self, asked: Json) -> Json:
        found = self.find(asked["taskDefinition"])
        with_tags = "TAGS" in asked.get("include", ())
        return {"taskDefinition": found, **({"tags": self._tags[found["taskDefinitionArn"]]} if with_tags else {})}

    def _deregister(self, asked: Json) -> Json:
        if ":" not in asked["taskDefinition"].rpartition("/")[2]:
            message = "Revision is missing."
            raise client(message)
        found = self.find(asked["taskDefinition"])
        found |= {"status": INACTIVE, "deregisteredAt": found.get("deregisteredAt", time.time())}
        return {"taskDefinition": found}

    def _delete(self, asked: Json) -> Json:
        if not 1 <= len(asked["taskDefinitions"]) <= 10:  # noqa: PLR2004 - as many as AWS takes
            message = "Between 1 and 10 task definitions can be deleted at once."
            raise invalid(message)
        gone: list[Json] = []
        failures: list[Json] = []
        for reference in asked["taskDefinitions"]:
            try:
                found = self.find(reference)
            except ServiceError:
                failures.append({"arn": reference, "reason": "The specified task definition does not exist."})
                continue
            if found["status"] == ACTIVE:
                reason = "The specified task definition is still in ACTIVE status. Please deregister the target."
                failures.append({"arn": found["taskDefinitionArn"], "reason": reason})
                continue
            del self._families[found["family"]][found["revision"]]
            self._tags.pop(found["taskDefinitionArn"], None)
            gone.append({**found, "status": "DELETE_IN_PROGRESS", "deleteRequestedAt": time.time()})
        return {"taskDefinitions": gone, "failures": failures}

    def _list(self, asked: Json) -> Json:
        status = asked.get("status", ACTIVE)
        found = [
            one["taskDefinitionArn"]
            for family, revisions in sorted(self._families.items())
            for _, one in sorted(revisions.items())
            if one["status"] == status and family == asked.get("familyPrefix", family)
        ]
        return {"taskDefinitionArns": found[::-1] if asked.get("sort") == "DESC" else found}

    def _list_families(self, asked: Json) -> Json:
        status = asked.get("status", ACTIVE)
        return {
            "families": [
                family
                for family, revisions in sorted(self._families.items())
                if family.startswith(asked.get("familyPrefix", "")) and _of_status(revisions, status)
            ]
        }


def _of_status(revisions: dict[int, Json], status: str) -> bool:
    active = any(one["status"] == ACTIVE for one in revisions.values())
    return bool(revisions) and {"ALL": True, ACTIVE: active, INACTIVE: not active}[status]


def _compatibilities(said: dict[str, Any]) -> list[str]:
    """What a definition can run on: on instances always, on Fargate where nothing keeps it from there."""
    fits = not requirement.complaint({**said, "requiresCompatibilities": ["FARGATE"]})
    return ["EC2", "FARGATE"] if fits else ["EC2"]
