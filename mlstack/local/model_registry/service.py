"""The registry's door, and its events: SageMaker Model Package State Change, on creation and on every update.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html has the event.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from mlstack.local import event_sending
from mlstack.local.environment import Place
from mlstack.local.json_service import Json, JsonService, ServiceError
from mlstack.local.model_registry.group import Groups
from mlstack.local.model_registry.package import Packages, described
from mlstack.local.sagemaker.registry import INVALID, Record

TARGET = "SageMaker."
TAGGING = frozenset({"AddTags", "DeleteTags", "ListTags"})


class ModelRegistry:
    """The model registry of one account and region."""

    def __init__(self, place: Place) -> None:
        self._groups = Groups(place)
        self._packages = Packages(place, self._groups, announce)

    def service(self) -> JsonService:
        """The operations; tags of anything else are somebody else's."""
        tagging = {"AddTags": self._tag, "DeleteTags": self._untag, "ListTags": self._tags}
        return JsonService(
            name="sagemaker",
            target=TARGET,
            invalid=INVALID,
            answers={**self._groups.answers(), **self._packages.answers(), **tagging},
            passes=self._is_other,
        )

    def _is_other(self, operation: str, asked: Json) -> bool:
        ours = (self._groups.kept.arn(""), self._packages.kept.arn(""))
        return operation in TAGGING and not str(asked.get("ResourceArn", "")).startswith(ours)

    def _tagged(self, asked: Json) -> Record:
        """What the tags are of: a version has those of its group."""
        arn = asked["ResourceArn"]
        record = self._groups.kept.by_arn(arn) or self._packages.kept.by_arn(arn)
        if record is None:
            raise ServiceError(INVALID, f'Could not find "{arn}".')
        group = record.said.get("ModelPackageGroupName", "")
        return self._groups.named(group) if "ModelPackageVersion" in record.said else record

    def _tag(self, asked: Json) -> Json:
        record = self._tagged(asked)
        record.tags |= {tag["Key"]: tag["Value"] for tag in asked["Tags"]}
        return self._tags(asked)

    def _untag(self, asked: Json) -> None:
        record = self._tagged(asked)
        record.tags = {key: value for key, value in record.tags.items() if key not in asked["TagKeys"]}

    def _tags(self, asked: Json) -> Json:
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tagged(asked).tags.items()]}


def announce(record: Record, changed: Iterable[str]) -> None:
    """Tell the default bus what a package is like now."""
    event = event_sending.service_event(
        record.arn, "aws.sagemaker", "SageMaker Model Package State Change", detail(record, changed)
    )
    event_sending.send(event)


def detail(record: Record, changed: Iterable[str]) -> Json:
    """The event's detail: the description with dates as text, and which fields were updated."""
    said = {key: value for key, value in described(record).items() if key != "CreatedBy"}
    dates: Json = {key: _text(said[key]) for key in ("CreationTime", "LastModifiedTime") if key in said}
    updated = {"UpdatedModelPackageFields": [*changed]} if changed else {}
    return {**said, **dates, **updated}


def _text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
