"""EC2 in memory: instances with their Spot requests, which launch anew what is terminated, page by page."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.client import BaseClient

from tests.functions.shared.memory import refuse

ENDING = {"shutting-down", "terminated"}
LAUNCHED = datetime(2026, 11, 20, 12, tzinfo=UTC)


def instance_id(number: int) -> str:
    """An id as EC2 gives it."""
    return f"i-{number:017x}"


def request_id(number: int) -> str:
    """A Spot request's id."""
    return f"sir-{number:08x}"


@dataclass
class Instance:
    """One instance."""

    id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    state: str = "running"
    launched: datetime = LAUNCHED
    request: str | None = None
    late: int = 0
    """How many looks see it end still."""

    def told(self) -> dict[str, Any]:
        """As EC2 describes it."""
        if self.state == "shutting-down":
            self.late -= 1
            self.state = "terminated" if self.late < 0 else self.state
        spot = {"InstanceLifecycle": "spot", "SpotInstanceRequestId": self.request} if self.request else {}
        return {
            "InstanceId": self.id,
            "LaunchTime": self.launched,
            "State": {"Name": self.state},
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
            **spot,
        }


@dataclass
class Request:
    """One Spot request."""

    id: str
    instance: str
    type: str = "persistent"
    state: str = "active"
    tags: Mapping[str, str] = field(default_factory=dict)
    late: int = 0
    """How many looks do not see yet that it is cancelled."""
    then: str | None = None

    def told(self) -> dict[str, Any]:
        """As EC2 describes it."""
        if self.then is not None:
            self.late -= 1
            self.state = self.then if self.late < 0 else self.state
        return {
            "SpotInstanceRequestId": self.id,
            "InstanceId": self.instance,
            "Type": self.type,
            "State": self.state,
        }


@dataclass
class EC2:
    """What there is."""

    instances: dict[str, Instance] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    late: int = 0
    """How many looks do not see yet that a request is cancelled."""
    dying: int = 0
    """How many looks see an instance end still that was terminated."""
    launches: int = 0

    def launch(self, *, spot: str | None = None, **more: Any) -> Instance:  # noqa: ANN401 (an instance's fields)
        """Let there be one more, by a request of this type."""
        self.launches += 1
        made = Instance(instance_id(self.launches), **more)
        if spot:
            made.request = request_id(self.launches)
            self.requests[made.request] = Request(made.request, made.id, spot, tags=made.tags)
        self.instances[made.id] = made
        return made

    def forget(self, instance: Instance) -> None:
        """An hour after its end."""
        del self.instances[instance.id]

    @property
    def alive(self) -> list[str]:
        """What runs, or may run again."""
        return [one.id for one in self.instances.values() if one.state not in ENDING]

    def answer(self, _client: BaseClient, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """As AWS does."""
        known: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
            "DescribeInstances": self._describe_instances,
            "DescribeSpotInstanceRequests": self._describe_requests,
            "StopInstances": self._stop,
            "TerminateInstances": self._terminate,
            "CancelSpotInstanceRequests": self._cancel,
        }
        return known[operation](asked)

    def _describe_instances(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        own = {"instance-id": "id", "instance-state-name": "state", "spot-instance-request-id": "request"}
        found = _fitting(self.instances.values(), asked["Filters"], own)
        page, more = _page(found, asked)
        return {"Reservations": [{"Instances": [one.told() for one in page]}], **more}

    def _describe_requests(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        ids = asked.get("SpotInstanceRequestIds")
        if ids:
            return {"SpotInstanceRequests": [self._request(one).told() for one in ids]}
        own = {"instance-id": "instance", "spot-instance-request-id": "id"}
        found = _fitting(self.requests.values(), asked["Filters"], own)
        page, more = _page(found, asked)
        return {"SpotInstanceRequests": [one.told() for one in page], **more}

    def _stop(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        for one in self._named(asked):
            request = self.requests.get(one.request or "")
            if request and request.type == "one-time":
                message = (
                    f"You can't stop the Spot Instance '{one.id}' because it is associated with a one-time Spot "
                    "Instance request. You can only stop Spot Instances associated with persistent Spot Instance "
                    "requests."
                )
                refuse("UnsupportedOperation", Error={"Code": "UnsupportedOperation", "Message": message})
            one.state = "stopped"
            if request:
                request.state = "disabled"
        return {}

    def _terminate(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        for one in self._named(asked):
            self._end(one)
            request = self.requests.get(one.request or "")
            if (
                request
                and request.type == "persistent"
                and request.instance == one.id
                and request.state in {"active", "disabled", "open"}
            ):
                anew = self.launch(tags=one.tags)
                anew.request, request.instance, request.state = request.id, anew.id, "active"
        return {}

    def _cancel(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        for name in asked["SpotInstanceRequestIds"]:
            request = self._request(name)
            if request.then is None:
                request.late, request.then = self.late, "cancelled"
            instance = self.instances.get(request.instance)
            if instance and instance.state == "stopped":
                self._end(instance)
        return {"CancelledSpotInstanceRequests": []}

    def _end(self, instance: Instance) -> None:
        instance.state, instance.late = ("shutting-down" if self.dying else "terminated"), self.dying

    def _named(self, asked: Mapping[str, Any]) -> Iterator[Instance]:
        for name in asked["InstanceIds"]:
            if name not in self.instances:
                refuse("InvalidInstanceID.NotFound")
            if self.instances[name].state in ENDING:
                refuse("IncorrectInstanceState")
            yield self.instances[name]

    def _request(self, name: str) -> Request:
        if name not in self.requests:
            refuse("InvalidSpotInstanceRequestID.NotFound")
        return self.requests[name]


T = TypeVar("T", Instance, Request)


def _page(found: list[Any], asked: Mapping[str, Any]) -> tuple[list[Any], dict[str, str]]:
    """One a page, and one empty page where there is none."""
    start = int(asked.get("NextToken", 0))
    more = {"NextToken": str(start + 1)} if start + 1 < len(found) else {}
    return found[start : start + 1], more


def _fitting(things: Iterable[T], filters: Sequence[Mapping[str, Any]], own: Mapping[str, str]) -> list[T]:
    """What fits all filters, which go by tags or by its own members; EC2 takes no filter without a value."""
    if not filters or not all(each["Values"] for each in filters):
        refuse("InvalidParameterValue")
    return [one for one in things if all(_fits(one, each, own) for each in filters)]


def _fits(thing: Instance | Request, wanted: Mapping[str, Any], own: Mapping[str, str]) -> bool:
    name, values = wanted["Name"], wanted["Values"]
    if name.startswith("tag:"):
        return thing.tags.get(name.removeprefix("tag:")) in values
    if name == "tag-key":
        return bool(set(values) & set(thing.tags))
    return getattr(thing, own[name]) in values
