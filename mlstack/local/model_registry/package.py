"""Model packages: versions of a group, or single ones; approved, described further, deleted."""

import time
from collections.abc import Callable, Iterator

from mlstack.local.environment import Place
from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.model_registry.group import CONFLICT, Group, Groups
from mlstack.local.model_registry.page import listed
from mlstack.local.sagemaker.registry import INVALID, Record, Registry

Changed = Callable[[Record, list[str]], None]
"""Told of a package that is new or whose named fields changed."""
TITLE = "ModelPackageSummaryList"
NOT_KEPT = frozenset({"ClientToken", "Tags"})
SHOWN = (
    "ModelApprovalStatus",
    "ModelLifeCycle",
    "ModelPackageDescription",
    "ModelPackageGroupName",
    "ModelPackageName",
    "ModelPackageRegistrationType",
    "ModelPackageVersion",
)
REPLACED = (
    "ApprovalDescription",
    "InferenceSpecification",
    "ModelApprovalStatus",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
    "SourceUri",
)
MISSING = "ModelPackage {arn} does not exist."


class Packages:
    """The model packages of one account and region."""

    def __init__(self, place: Place, groups: Groups, changed: Changed) -> None:
        self.kept: Registry[Record] = Registry(place, "model-package", "model package", missing=MISSING)
        self._groups = groups
        self._changed = changed
        self._tokens: dict[str, str] = {}

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreateModelPackage": self._create,
            "DeleteModelPackage": self._delete,
            "DescribeModelPackage": lambda asked: described(self._named(asked["ModelPackageName"])),
            "ListModelPackages": lambda asked: listed(self._wanted(asked), asked, _summary, TITLE),
            "UpdateModelPackage": self._update,
        }

    def _named(self, name: str) -> Record:
        """The package with a name, a group's name and a version, or an ARN."""
        return self.kept.get(name.partition(":model-package/")[2] or name)

    def _create(self, asked: Json) -> Json:
        with self.kept.lock, self._groups.kept.lock:
            token = str(asked.get("ClientToken", ""))
            if token in self._tokens:
                return {"ModelPackageArn": self._tokens[token]}
            made = self.kept.add(self._version(asked) if _in_group(asked) else self._single(asked))
            if token:
                self._tokens[token] = made.arn
        self._changed(made, [])
        return {"ModelPackageArn": made.arn}

    def _version(self, asked: Json) -> Record:
        if asked.get("Tags"):
            raise ServiceError(INVALID, "Tags cannot be specified for a Model Package Version.")
        group = self._groups.named(asked["ModelPackageGroupName"])
        group.last += 1
        record = self._record(f"{group.name}/{group.last}", asked)
        record.said |= {"ModelPackageGroupName": group.name, "ModelPackageVersion": group.last}
        record.said.setdefault("ModelApprovalStatus", "PendingManualApproval")
        group.versions[group.last] = record
        return record

    def _single(self, asked: Json) -> Record:
        name = asked["ModelPackageName"]
        if self.kept.find(name):
            message = f"Model Package already exists: {self.kept.arn(name)}"
            raise ServiceError(CONFLICT, message)
        return self._record(name, asked)

    def _record(self, name: str, asked: Json) -> Record:
        said, now = {key: value for key, value in asked.items() if key != "ClientToken"}, time.time()
        return Record(name=name, arn=self.kept.arn(name), said=said, created=now, changed=now)

    def _update(self, asked: Json) -> Json:
        with self.kept.lock:
            record = self._named(asked["ModelPackageArn"])
            fields = [key for key in asked if key not in {"ModelPackageArn", "ClientToken"}]
            changed = [*dict.fromkeys(key.removesuffix("ToRemove").removesuffix("ToAdd") for key in fields)]
            record.said |= {key: asked[key] for key in REPLACED if key in asked}
            metadata = {
                **record.said.get("CustomerMetadataProperties", {}),
                **asked.get("CustomerMetadataProperties", {}),
            }
            for key in asked.get("CustomerMetadataPropertiesToRemove", []):
                metadata.pop(key, None)
            record.said["CustomerMetadataProperties"] = metadata
            more = asked.get("AdditionalInferenceSpecificationsToAdd", [])
            if more:
                known = record.said.get("AdditionalInferenceSpecifications", [])
                record.said["AdditionalInferenceSpecifications"] = [*known, *more]
            record.touch()
        self._changed(record, changed)
        return {"ModelPackageArn": record.arn}

    def _delete(self, asked: Json) -> None:
        with self.kept.lock, self._groups.kept.lock:
            record = self._named(asked["ModelPackageName"])
            self.kept.remove(record.name)
            if "ModelPackageVersion" in record.said:
                group = self._groups.named(record.said["ModelPackageGroupName"])
                del group.versions[record.said["ModelPackageVersion"]]

    def _wanted(self, asked: Json) -> Iterator[Record]:
        """Those of a group, or those of the type that is asked for: without a group, by default, the single ones."""
        group = self._groups.named(asked["ModelPackageGroupName"]) if "ModelPackageGroupName" in asked else None
        kind = asked.get("ModelPackageType", "Unversioned")
        status = asked.get("ModelApprovalStatus")
        for record in self.kept if group is None else _versions(group):
            versioned = "ModelPackageVersion" in record.said
            fits = group is not None or kind == "Both" or versioned == (kind == "Versioned")
            if fits and status in {None, record.said.get("ModelApprovalStatus")}:
                yield record


def described(record: Record) -> Json:
    """A package as DescribeModelPackage has it."""
    said = {key: value for key, value in record.said.items() if key not in NOT_KEPT and value not in ({}, [])}
    changed = {"LastModifiedTime": record.changed} if record.changed > record.created else {}
    return {
        "CertifyForMarketplace": False,
        **said,
        "ModelPackageArn": record.arn,
        "CreationTime": record.created,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CreatedBy": {},
        **changed,
    }


def _summary(record: Record) -> Json:
    said = described(record)
    always = ("CreationTime", "ModelPackageArn", "ModelPackageStatus")
    return {key: said[key] for key in (*SHOWN, *always) if key in said}


def _versions(group: Group) -> list[Record]:
    return [*group.versions.values()]


def _in_group(asked: Json) -> bool:
    named, grouped = asked.get("ModelPackageName"), asked.get("ModelPackageGroupName")
    if named and grouped:
        message = (
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
            "Cannot determine which one to use."
        )
        raise ServiceError(INVALID, message)
    if not named and not grouped:
        raise ServiceError(INVALID, "Missing ARN.")
    return bool(grouped)
