"""Stacks of hand-written templates: made, changed, and gone when their test ends."""

import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws

Template = dict[str, Any]


class Stacks:
    """Makes stacks and tells how they ended."""

    def __init__(self, aws: LocalAws) -> None:
        self._cloudformation = aws.client("cloudformation")
        self._names: list[str] = []

    def create(self, resources: dict[str, Any], **more: Template) -> str:
        """Create a stack; its name."""
        name = f"test-{uuid4().hex[:8]}"
        self._names.append(name)
        self._cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources, **more}))
        return name

    def update(self, name: str, resources: dict[str, Any], **more: Template) -> None:
        """Update a stack."""
        self._cloudformation.update_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources, **more}))

    def delete(self, name: str) -> None:
        """Delete a stack."""
        self._cloudformation.delete_stack(StackName=name)

    def status(self, name: str) -> str:
        """A stack's status; DELETED where it is gone."""
        with suppress(ClientError):
            return str(self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        return "DELETED"

    def outputs(self, name: str) -> dict[str, str]:
        """A stack's outputs."""
        [stack] = self._cloudformation.describe_stacks(StackName=name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def reasons(self, name: str) -> str:
        """Every reason that a stack's events give."""
        events = self._cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def physical_id(self, name: str, logical_id: str) -> str:
        """The physical id of a resource."""
        listed = self._cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        [found] = [one["PhysicalResourceId"] for one in listed if one["LogicalResourceId"] == logical_id]
        return str(found)

    def close(self) -> None:
        """Delete what is left of them."""
        for name in self._names:
            self.delete(name)
