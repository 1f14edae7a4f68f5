"""What Spot requests have launched and may launch for a workstation, and how it is brought to an end."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spot_release.instances import Instance, instances, terminate
from spot_release.spot_requests import OVER, cancel, states
from spot_release.workstation import Workstation

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Release:
    """Of one instance, which CloudFormation itself terminates next, and of all else that its edition's requests began.

    A request whose instance a person terminated has launched another, which no stack knows, and after an hour EC2
    knows the first no more: only the tags, which the launch template gives to request and instance, lead there then.
    """

    client: "EC2Client"
    instance: str | None
    workstation: Workstation | None
    """None where only the instance leads to anything."""
    spared: set[str] = field(default_factory=set)

    def look(self) -> list[str]:
        """Do what can be done now, and say what is left to end.

        First nothing may launch any more, as EC2 itself says; only then is terminated what was launched, for else each
        end would be another's beginning.
        """
        known, requests = self._find()
        launching = {name: state for name, state in requests.items() if state not in OVER}
        if launching:
            cancel(self.client, launching)
            return [f"{name} ({state})" for name, state in launching.items()]
        # Asked for only now: what a request has launched until it was over is there by now.
        known |= self._launched({*requests, *_requests_of(known)})
        others = [one for one in known.values() if one.lives and one.id != self.instance]
        doomed = [one for one in others if one.request]
        self._spare(one for one in others if not one.request)
        terminate(self.client, doomed)
        return [f"{one.id} ({one.state})" for one in doomed]

    def requests(self) -> dict[str, str]:
        """The states of the requests by their ids.

        A request names the instance that it has launched last, and an instance the request that has launched it. Either
        may be missing.
        """
        _, requests = self._find()
        return requests

    def _find(self) -> tuple[dict[str, Instance], dict[str, str]]:
        """The instances and requests to which id and tags lead."""
        own = {self.instance} if self.instance else set()
        known: dict[str, Instance] = {}
        for filters in [_one_of("instance-id", own), self._tags()]:
            known |= {one.id: one for one in instances(self.client, filters)} if filters else {}
        named = _one_of("spot-instance-request-id", _requests_of(known))
        requests: dict[str, str] = {}
        for filters in [_one_of("instance-id", own), named, self._tags()]:
            requests |= states(self.client, filters) if filters else {}
        return known, requests

    def _launched(self, requests: Iterable[str]) -> dict[str, Instance]:
        filters = _one_of("spot-instance-request-id", requests)
        return {one.id: one for one in instances(self.client, filters)} if filters else {}

    def _tags(self) -> "list[FilterTypeDef]":
        return self.workstation.filters() if self.workstation else []

    def _spare(self, others: Iterable[Instance]) -> None:
        """Say once which instances somebody has launched from the template on demand: nobody asked to end those."""
        for one in others:
            if one.id not in self.spared:
                self.spared.add(one.id)
                logger.warning("%s was launched on demand by hand and is left alone, though it is tagged alike", one.id)


def _requests_of(known: Mapping[str, Instance]) -> set[str]:
    return {one.request for one in known.values() if one.request}


def _one_of(name: str, values: Iterable[str]) -> "list[FilterTypeDef]":
    """None where there is no value: EC2 refuses such a filter."""
    ordered = sorted(values)
    return [{"Name": name, "Values": ordered}] if ordered else []
