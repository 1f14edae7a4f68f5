"""Model package groups: each with the versions registered in it, and not deleted before they are."""

from dataclasses import dataclass, field

from mlstack.local.environment import Place
from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.model_registry.page import listed
from mlstack.local.sagemaker.registry import INVALID, Record, Registry

CONFLICT = "ConflictException"
TITLE = "ModelPackageGroupSummaryList"


@dataclass(kw_only=True)
class Group(Record):
    """One group."""

    versions: dict[int, Record] = field(default_factory=dict)
    """The packages in it by their version."""
    last: int = 0
    """The highest version that it ever gave out: none is given out twice."""


class Groups:
    """The groups of one account and region."""

    def __init__(self, place: Place) -> None:
        missing = "ModelPackageGroup {arn} does not exist."
        self.kept: Registry[Group] = Registry(place, "model-package-group", "model package group", missing=missing)

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreateModelPackageGroup": self._create,
            "DeleteModelPackageGroup": self._delete,
            "DescribeModelPackageGroup": lambda asked: {
                **_summary(self.named(asked["ModelPackageGroupName"])),
                "CreatedBy": {},
            },
            "ListModelPackageGroups": lambda asked: listed(self.kept, asked, _summary, TITLE),
        }

    def named(self, name: str) -> Group:
        """The group with a name or an ARN; ServiceError where there is none."""
        return self.kept.get(name.rpartition("/")[2])

    def _create(self, asked: Json) -> Json:
        name = asked["ModelPackageGroupName"]
        with self.kept.lock:
            if self.kept.find(name):
                raise ServiceError(INVALID, f"Model Package Group already exists: {self.kept.arn(name)}")
            made = self.kept.add(Group(name=name, arn=self.kept.arn(name), said=asked))
        return {"ModelPackageGroupArn": made.arn}

    def _delete(self, asked: Json) -> None:
        with self.kept.lock:
            group = self.named(asked["ModelPackageGroupName"])
            if group.versions:
                message = f"Cannot delete Model Package Group {group.arn} because it contains Model Package Versions."
                raise ServiceError(CONFLICT, message)
            self.kept.remove(group.name)


def _summary(group: Group) -> Json:
    described = {key: group.said[key] for key in ("ModelPackageGroupDescription",) if key in group.said}
    return {
        "ModelPackageGroupName": group.name,
        "ModelPackageGroupArn": group.arn,
        **described,
        "CreationTime": group.created,
        "ModelPackageGroupStatus": "Completed",
    }
