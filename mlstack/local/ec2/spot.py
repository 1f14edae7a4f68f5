"""Spot requests of RunInstances: there to be described and cancelled, and a persistent one launches anew."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instances import Instance
from moto.ec2.models.spot_requests import SpotInstanceRequest, SpotRequestBackend
from moto.ec2.utils import convert_tag_spec, filter_dict_attribute_mapping, random_spot_request_id

from mlstack.local.ec2 import launched
from mlstack.local.mend import replace

PERSISTENT = "persistent"
ENDED = frozenset({"cancelled", "closed", "failed"})
log = logging.getLogger(__name__)


class Request(SpotInstanceRequest):
    """A request that came with RunInstances and has its instance already."""

    def __init__(self, instance: Instance, options: dict[str, Any], tags: dict[str, dict[str, str]]) -> None:
        self.created = datetime.now(UTC)
        self.updated = self.created
        self._first = instance
        self.again: Callable[[], Instance] | None = None
        super().__init__(
            ec2_backend=instance.ec2_backend,
            spot_request_id=random_spot_request_id(),
            price=options.get("MaxPrice", ""),
            image_id=instance.image_id,
            spot_instance_type=options.get("SpotInstanceType", "one-time"),
            valid_from=None,
            valid_until=options.get("ValidUntil"),
            launch_group=None,
            availability_zone_group=None,
            key_name=instance.key_name or "",
            security_groups=[],
            user_data=instance.user_data,
            instance_type=instance.instance_type,
            placement=instance.availability_zone,
            kernel_id=None,
            ramdisk_id=None,
            monitoring_enabled=instance.monitored,
            subnet_id=str(instance.subnet_id),
            tags=tags,
            spot_fleet_id=None,
            instance_interruption_behaviour=options.get("InstanceInterruptionBehavior"),
        )
        self.launch_specification.groups = list(instance.nics[0].group_set)

    def launch_instance(self) -> Instance:
        """The instance is there."""
        return self._first

    def become(self, state: str, code: str) -> None:
        """Go into another state, with AWS's code for why."""
        self.state, self._status_code, self.updated = state, code, datetime.now(UTC)

    @property
    def create_time(self) -> str:
        """When it was made."""
        return self.created.isoformat()

    @property
    def status(self) -> dict[str, Any]:
        """Why it is in its state."""
        return {"Code": self._status_code, "Message": self.status_message, "UpdateTime": self.updated.isoformat()}

    def get_filter_value(self, filter_name: str, method_name: str | None = None) -> Any:  # noqa: ANN401 - moto's signature
        """Moto knows two filters; people look a request up by its instance."""
        own = {"instance-id": self.instance.id, "type": self.type, "status-code": self._status_code}
        return own[filter_name] if filter_name in own else super().get_filter_value(filter_name, method_name)


def mend() -> None:
    """Keep cancelled requests to be looked at, as AWS does, and refuse to cancel what is not there."""

    def cancel_spot_instance_requests(self: SpotRequestBackend, request_ids: list[str]) -> list[SpotInstanceRequest]:
        unknown = [name for name in request_ids if name not in self.spot_instance_requests]
        if unknown:
            code = "InvalidSpotInstanceRequestID.NotFound"
            raise EC2ClientError(code, f"The spot instance request ID '{unknown[0]}' does not exist")
        found = [self.spot_instance_requests[name] for name in request_ids]
        for one in found:
            _cancel(one)
        return found

    replace(SpotRequestBackend, "cancel_spot_instance_requests", cancel_spot_instance_requests)
    filter_dict_attribute_mapping["spot-instance-request-id"] = "spot_instance_request_id"


def check(whole: dict[str, Any]) -> None:
    """Raise EC2's error where market options contradict each other."""
    market = whole.get("InstanceMarketOptions") or {}
    options = market.get("SpotOptions") or {}
    behavior = options.get("InstanceInterruptionBehavior", "terminate")
    if market.get("MarketType") == "spot" and behavior != "terminate" and options.get("SpotInstanceType") != PERSISTENT:
        code = "InvalidParameterCombination"
        raise EC2ClientError(code, f"The interruption behavior '{behavior}' needs a Spot request of type 'persistent'.")


def requested(instance: Instance, whole: dict[str, Any], again: Callable[[], Instance]) -> None:
    """Make the request that a Spot instance comes from; an instance on demand has none."""
    market = whole.get("InstanceMarketOptions") or {}
    if market.get("MarketType") != "spot":
        return
    tags = convert_tag_spec(whole.get("TagSpecifications", []))
    made = Request(instance, market.get("SpotOptions") or {}, tags)
    made.again = again
    instance.ec2_backend.spot_instance_requests[made.id] = made
    _belongs(instance, made)


def request_of(instance: Instance) -> Request | None:
    """The request that an instance comes from."""
    found = instance.ec2_backend.spot_instance_requests.get(vars(instance).get("spot_instance_request_id"))
    return found if isinstance(found, Request) else None


def stops(instance: Instance) -> bool:
    """Whether an instance can be stopped, which one of a request that starts nothing again cannot."""
    found = request_of(instance)
    return found is None or (found.type == PERSISTENT and found.state not in ENDED)


def refuse_stop(instance: Instance) -> None:
    """Raise EC2's error for an instance that cannot be stopped."""
    found = request_of(instance)
    if found is None or instance.state != "running" or stops(instance):
        return
    if found.type != PERSISTENT:
        code = "UnsupportedOperation"
        message = (
            f"You can't stop the Spot Instance '{instance.id}' because it is associated with a one-time Spot Instance "
            "request. You can only stop Spot Instances associated with persistent Spot Instance requests."
        )
        raise EC2ClientError(code, message)
    code = "IncorrectSpotRequestState"
    message = (
        f"You can't stop the Spot Instance '{instance.id}' because the associated Spot Instance request is not in "
        "an appropriate state to support stop."
    )
    raise EC2ClientError(code, message)


def stopped(instance: Instance) -> None:
    """A stopped instance's request waits for its start."""
    found = request_of(instance)
    if found is not None and found.state not in ENDED:
        found.become("disabled", "instance-stopped-by-user")


def started(instance: Instance) -> None:
    """The request goes on."""
    found = request_of(instance)
    if found is not None and found.state not in ENDED:
        found.become("active", "fulfilled")


def terminated(instance: Instance) -> None:
    """A one-time request ends with its instance; a persistent one opens again, and launches."""
    found = request_of(instance)
    if found is None or found.state in ENDED or found.instance is not instance:
        return
    if found.type != PERSISTENT or found.again is None:
        found.become("closed", "instance-terminated-by-user")
        return
    found.become("open", "pending-evaluation")
    try:
        found.instance = found.again()
    except Exception as error:
        log.exception("%s launches nothing more", found.id)
        found.status_message = str(error)
        found.become("failed", "bad-parameters")
        return
    found.become("active", "fulfilled")
    _belongs(found.instance, found)
    backend = instance.ec2_backend
    launched.tell("launch", backend.account_id, backend.region_name, found.instance.id)


def _belongs(instance: Instance, request: Request) -> None:
    instance.lifecycle = "spot"
    vars(instance)["spot_instance_request_id"] = request.id


def _cancel(request: SpotInstanceRequest) -> None:
    """End a request: what runs goes on, and what is stopped is terminated, since nothing could start it again."""
    if not isinstance(request, Request):
        request.state = "cancelled"
    elif request.state not in ENDED:
        running = request.instance.state == "running"
        request.become(
            "cancelled", "request-canceled-and-instance-running" if running else "canceled-before-fulfillment"
        )
        if not running:
            request.ec2_backend.terminate_instances([request.instance.id])
