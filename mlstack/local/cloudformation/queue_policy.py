"""AWS::SQS::QueuePolicy, which moto skips."""

import json
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.sqs.models import sqs_backends


class QueuePolicy(CloudFormationModel):
    """One policy on one queue or several."""

    def __init__(self, name: str, queues: list[str]) -> None:
        self.physical_resource_id = name
        self.queues = queues

    @staticmethod
    def cloudformation_type() -> str:
        """The type in templates."""
        return "AWS::SQS::QueuePolicy"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ANN401 - moto's signature
    ) -> "QueuePolicy":
        """Put the policy on its queues, named by their addresses."""
        del kwargs
        properties = cloudformation_json["Properties"]
        made = cls(resource_name, [address.rsplit("/", 1)[-1] for address in properties["Queues"]])
        policy = json.dumps(properties["PolicyDocument"])
        for queue in made.queues:
            sqs_backends[account_id][region_name].set_queue_attributes(queue, {"Policy": policy})
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "QueuePolicy",
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "QueuePolicy":
        """Take the policy away and put the new one."""
        del new_resource_name
        original_resource.delete(account_id, region_name)
        name = original_resource.physical_resource_id
        return cls.create_from_cloudformation_json(name, cloudformation_json, account_id, region_name)

    def delete(self, account_id: str, region_name: str) -> None:
        """Take the policy from those of its queues that are still there."""
        backend = sqs_backends[account_id][region_name]
        for queue in self.queues:
            if queue in backend.queues:
                backend.set_queue_attributes(queue, {"Policy": ""})
