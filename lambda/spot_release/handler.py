"""Answers CloudFormation: a Spot Instance is terminated only when nothing launches it anew."""

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from shared import clients
from shared.clearing import SURE, clear
from shared.custom_resource import Context, UnfulfilledError, fulfil
from shared.fault import code_of
from shared.patience import patiently
from spot_release.release import Release
from spot_release.spot_requests import OVER
from spot_release.workstation import Workstation, missing

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Release where the resource, which is called like its instance, is deleted; else say what there is to cancel.

    One without an instance is made before the instance and deleted after it: it ends what a request launched when
    CloudFormation terminated an instance whose own resource was never made, as its first boot had failed.
    """
    properties = event.get("ResourceProperties") or {}
    asked = _instance(properties.get("InstanceId"))
    is_last = "InstanceId" not in properties

    def act(until: datetime) -> dict[str, str]:
        if event["RequestType"] == "Delete":
            # The name comes first: after an update to another instance it is the old one that is deleted.
            instance = _instance(event.get("PhysicalResourceId")) or asked
            release(instance, _owner(properties, replaced=asked not in {instance, None}), until=until)
            return {}
        if wrong := [*([] if asked or is_last else ["InstanceId"]), *missing(properties)]:
            message = f"the resource has no {', no '.join(wrong)}"
            raise UnfulfilledError(message)
        return {} if is_last else _told(asked, known=event["RequestType"] == "Update")

    edition = Workstation.read(properties) if is_last else None
    fulfil(event, context, called=str(edition) if edition else asked, act=act)


def release(instance: str | None, workstation: Workstation | None, *, until: datetime) -> None:
    """Return once no request launches anything, and nothing but the instance lives of what was launched.

    Raises:
        UnfulfilledError: where something is left, so that CloudFormation does not go on to terminate the instance.
    """
    if instance is None and workstation is None:
        logger.info("there is no instance to release")
        return
    whose = instance or workstation
    try:
        look = Release(clients.ec2(), instance, workstation).look
        clear(look, "Spot requests or instances", until=until, enough=SURE)
    except ClientError as error:
        message = (
            f"{error.operation_name} was refused ({code_of(error)}), and a Spot request of {whose} may launch "
            f"another instance: allow it, or cancel the request by hand, and destroy the stack again"
        )
        raise UnfulfilledError(message) from error
    logger.info("nothing launches %s anew", whose)


def request_of(instance: str | None) -> str | None:
    """The id of the request that has launched an instance; one that is not over comes first."""
    found = patiently(Release(clients.ec2(), instance, None).requests)
    return min(found, key=lambda request: found[request] in OVER, default=None)


def _told(instance: str | None, *, known: bool) -> dict[str, str]:
    """The instance's request.

    Where the resource is ``known`` there was one: EC2 forgets what was terminated, and no later deploy is to fail then.
    """
    request = request_of(instance)
    if request:
        return {"SpotInstanceRequestId": request}
    message = f"{instance} has no Spot request: only the instances of Spot requests need to be released"
    if not known:
        raise UnfulfilledError(message)
    logger.warning("%s", message)
    return {}


def _owner(properties: Mapping[str, object], *, replaced: bool) -> Workstation | None:
    """Whose tags are looked for; nobody's where they would also find the instance that the stack goes on with."""
    workstation = None if replaced else Workstation.read(properties)
    if workstation is None:
        logger.warning("only the instance's id leads to its requests: no tags do")
    return workstation


def _instance(told: object) -> str | None:
    """An instance's id, and nothing else."""
    return told if isinstance(told, str) and INSTANCE.fullmatch(told) else None
