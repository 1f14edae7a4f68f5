"""SageMaker's model registry in memory: groups with tags, and the versions in them, in AWS's words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from tests.functions.shared.memory import refuse

PREFIX = "arn:aws:sagemaker:us-east-1:123456789012"
ARN = f"{PREFIX}:model-package-group/"
PAGE = 2
INVALID = "ValidationException"
Json = dict[str, Any]
OPERATIONS = {
    "CreateModelPackageGroup": "create",
    "DescribeModelPackageGroup": "describe",
    "ListModelPackageGroups": "groups",
    "DeleteModelPackageGroup": "delete",
    "ListModelPackages": "versions",
    "DeleteModelPackage": "delete_version",
    "AddTags": "tag",
}
"""What is asked for, and who answers."""


@dataclass
class Group:
    """A group's description, its tags and the ARNs of its versions."""

    tags: dict[str, str]
    versions: list[str] = field(default_factory=list)
    description: str = ""


@dataclass
class ModelRegistry:
    """What is there, by name."""

    kept: dict[str, Group] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    """What lists do not know of yet."""

    def add(self, name: str, count: int = 0, tags: Mapping[str, str] | None = None) -> Group:
        """Put a group there with so many versions."""
        group = self.kept[name] = Group(dict(tags or {}))
        group.versions = [f"{PREFIX}:model-package/{name}/{number}" for number in range(1, count + 1)]
        return group

    def answer(self, operation: str, asked: Mapping[str, Any]) -> Json:
        """One call."""
        answer: Callable[[Mapping[str, Any]], Json] = getattr(self, OPERATIONS[operation])
        return answer(asked)

    def create(self, asked: Mapping[str, Any]) -> Json:
        """A new group, with up to fifty tags."""
        name = asked["ModelPackageGroupName"]
        if name in self.kept:
            _refuse(f"Model Package Group already exists: {ARN}{name}")
        group = self.add(name)
        group.description = asked["ModelPackageGroupDescription"]
        self.tag({"ResourceArn": ARN + name, "Tags": asked.get("Tags", ())})
        return {"ModelPackageGroupArn": ARN + name}

    def describe(self, asked: Mapping[str, Any]) -> Json:
        """What a group is."""
        self._get(asked["ModelPackageGroupName"])
        return self._told(asked["ModelPackageGroupName"])

    def groups(self, asked: Mapping[str, Any]) -> Json:
        """The groups whose names contain a text, anywhere."""
        names = [name for name in self.kept if asked["NameContains"] in name and name not in self.unlisted]
        return _page("ModelPackageGroupSummaryList", [self._told(name) for name in names], asked)

    def delete(self, asked: Mapping[str, Any]) -> Json:
        """A group goes once it is empty."""
        name = asked["ModelPackageGroupName"]
        if self._get(name).versions:
            message = f"Cannot delete Model Package Group {ARN}{name} because it contains Model Package Versions."
            refuse("ConflictException", Error={"Code": "ConflictException", "Message": message})
        del self.kept[name]
        return {}

    def versions(self, asked: Mapping[str, Any]) -> Json:
        """The versions of a group."""
        arns = self._get(asked["ModelPackageGroupName"]).versions
        return _page("ModelPackageSummaryList", [{"ModelPackageArn": arn} for arn in arns], asked)

    def delete_version(self, asked: Mapping[str, Any]) -> Json:
        """A version goes."""
        arn = asked["ModelPackageName"]
        holding = [group for group in self.kept.values() if arn in group.versions]
        if not holding:
            _refuse(f"ModelPackage {arn} does not exist.")
        holding[0].versions.remove(arn)
        return {}

    def tags(self, asked: Mapping[str, Any]) -> Json:
        """The tags of a group."""
        group = self._get(asked["ResourceArn"].removeprefix(ARN))
        return {"Tags": [{"Key": key, "Value": value} for key, value in group.tags.items()]}

    def tag(self, asked: Mapping[str, Any]) -> Json:
        """More tags, or others."""
        group = self._get(asked["ResourceArn"].removeprefix(ARN))
        group.tags |= {tag["Key"]: tag["Value"] for tag in asked["Tags"]}
        return self.tags(asked)

    def _get(self, name: str) -> Group:
        if name not in self.kept:
            _refuse(f"ModelPackageGroup {ARN}{name} does not exist.")
        return self.kept[name]

    def _told(self, name: str) -> Json:
        return {"ModelPackageGroupName": name, "ModelPackageGroupArn": ARN + name}


def _page(key: str, told: list[Json], asked: Mapping[str, Any]) -> Json:
    start = int(asked.get("NextToken", 0))
    more = {"NextToken": str(start + PAGE)} if len(told) > start + PAGE else {}
    return {key: told[start : start + PAGE], **more}


def _refuse(message: str) -> NoReturn:
    refuse(INVALID, Error={"Code": INVALID, "Message": message})
