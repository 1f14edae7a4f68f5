"""AWS::SQS::Queue: moto's update changes two of its properties, this changes all that SQS can change."""

from typing import Any

from moto.core.utils import tags_from_cloudformation_tags_list
from moto.sqs.models import Queue

from mlstack.local.mend import replace

FIXED = {"QueueName", "FifoQueue", "Tags"}


def mend() -> None:
    """Replace moto's update."""
    replace(Queue, "update_from_cloudformation_json", classmethod(_update))


def _update(  # noqa: PLR0913, PLR0917 - moto's signature
    cls: type[Queue],
    original_resource: Queue,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> Queue:
    del cls, new_resource_name, account_id, region_name
    properties = cloudformation_json["Properties"]
    attributes = {name: value for name, value in properties.items() if name not in FIXED}
    attributes.setdefault("Policy", original_resource.policy)
    original_resource._set_attributes(attributes)  # noqa: SLF001 - the API's own way in moto
    original_resource.tags = tags_from_cloudformation_tags_list(properties.get("Tags", []))
    return original_resource
