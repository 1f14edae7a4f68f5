"""Custom resources that really run: Create, Update and Delete, answered by the function at a ResponseURL of ours."""

import json
from threading import Event, Lock
from typing import Any
from uuid import uuid4

from moto.awslambda.utils import get_backend
from moto.core.common_models import CloudFormationModel

from mlstack.local import runtime
from mlstack.local.cloudformation.failure import FinalError
from mlstack.local.report import CustomRun

ROUTE = "/_mlstack/custom-resource/"
PATIENCE_S = 60
"""How long to wait for the answer of a function that ended well without one, where nothing else is said (AWS: 1 h)."""


class _Letter:
    """A request that waits for its answer."""

    def __init__(self) -> None:
        self.came = Event()
        self.answer: dict[str, Any] = {}


_waiting: dict[str, _Letter] = {}
_lock = Lock()


def answered(token: str, body: bytes) -> bool:
    """Take the answer that a function put to ResponseURL; False where nobody waits for it."""
    with _lock:
        letter = _waiting.get(token)
    if letter is None or letter.came.is_set():
        return False
    letter.answer = json.loads(body)
    letter.came.set()
    return True


class CustomResource(CloudFormationModel):
    """A resource that a function makes."""

    def __init__(self, logical_id: str, stack_id: str, resource_type: str) -> None:
        self.logical_id = logical_id
        self.stack_id = stack_id
        self.resource_type = resource_type
        self.physical_resource_id = ""
        self.properties: dict[str, Any] = {}
        self.refused: dict[str, Any] | None = None
        """What the last update asked for, where it failed: to the update that rolls back, these are the old ones."""
        self.data: dict[str, Any] = {}

    @staticmethod
    def cloudformation_type() -> str:
        """The type without a name of its own; ``Custom::*`` is led here as well."""
        return "AWS::CloudFormation::CustomResource"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ANN401 - moto's signature
    ) -> "CustomResource":
        """Send Create and wait for the answer."""
        del resource_name, account_id, region_name
        made = cls(kwargs["LogicalId"], kwargs["StackId"], kwargs["ResourceType"])
        made.properties = cloudformation_json["Properties"]
        made.ask("Create")
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "CustomResource",
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "CustomResource":
        """Send Update with the old properties; where the physical id changes, Delete for the one before."""
        del new_resource_name, account_id, region_name
        old_properties, old_id = original_resource.properties, original_resource.physical_resource_id
        asked_before = old_properties if original_resource.refused is None else original_resource.refused
        original_resource.properties = cloudformation_json["Properties"]
        try:
            original_resource.ask("Update", OldResourceProperties=asked_before)
        except FinalError:
            original_resource.refused = original_resource.properties
            original_resource.properties, original_resource.physical_resource_id = old_properties, old_id
            raise
        original_resource.refused = None
        if original_resource.physical_resource_id != old_id:
            before = cls(original_resource.logical_id, original_resource.stack_id, original_resource.resource_type)
            before.properties, before.physical_resource_id = old_properties, old_id
            before.ask("Delete")
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        """Send Delete and wait for the answer."""
        del account_id, region_name
        self.ask("Delete")

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whatever the function answers in Data."""
        del attr
        return True

    def get_cfn_attribute(self, attribute_name: str) -> Any:  # noqa: ANN401 - whatever the function answered
        """A value of the answer's Data."""
        if attribute_name not in self.data:
            message = f"CustomResource attribute error: Vendor response doesn't contain {attribute_name} attribute"
            raise FinalError(message)
        return self.data[attribute_name]

    def ask(self, request: str, **more: Any) -> None:  # noqa: ANN401 - the event's fields
        """Run the function with one event; raise FinalError with its reason."""
        token = uuid4().hex
        letter = _Letter()
        with _lock:
            _waiting[token] = letter
        try:
            failure = self._run(self._event(request, token, more))
            if failure is None and not letter.came.wait(patience(self.properties)):
                failure = "the function ended without an answer to ResponseURL"
        finally:
            with _lock:
                del _waiting[token]
        self._take(request, letter.answer, failure)

    def _event(self, request: str, token: str, more: dict[str, Any]) -> dict[str, Any]:
        event = {
            "RequestType": request,
            "ServiceToken": self.properties.get("ServiceToken"),
            "ResponseURL": f"{runtime.running().place.endpoint}{ROUTE}{token}",
            "StackId": self.stack_id,
            "RequestId": str(uuid4()),
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.resource_type,
            "ResourceProperties": _texts(self.properties),
            **{name: _texts(value) for name, value in more.items()},
        }
        return event if request == "Create" else {**event, "PhysicalResourceId": self.physical_resource_id}

    def _run(self, event: dict[str, Any]) -> str | None:
        token = str(event["ServiceToken"])
        parts = token.split(":")
        if not token.startswith("arn:") or parts[2] != "lambda":
            return f"the local AWS runs only functions; ServiceToken is {token}"
        headers: dict[str, str] = {}
        try:
            function = get_backend(parts[4], parts[3]).get_function(token)
            payload = function.invoke(json.dumps(event), {}, headers)
        except Exception as error:  # noqa: BLE001 - whatever moto raises for a missing function is the reason
            return f"{token} cannot be invoked: {getattr(error, 'message', None) or error}"
        if "x-amz-function-error" in headers:
            said = json.loads(payload)
            return f"the function failed: {said.get('errorType', 'Error')}: {said.get('errorMessage')}"
        return None

    def _take(self, request: str, answer: dict[str, Any], failure: str | None) -> None:
        status = str(answer.get("Status") or "FAILED")
        reason = str(answer.get("Reason") or failure or "")
        if answer.get("PhysicalResourceId") and request != "Delete":
            self.physical_resource_id = str(answer["PhysicalResourceId"])
        if request != "Delete" and status == "SUCCESS":
            self.data = answer.get("Data") or {}
        ran = CustomRun(
            stack=self.stack_id.split("/")[1],
            logical_id=self.logical_id,
            type=self.resource_type,
            request=request,
            status=status,
            reason="" if status == "SUCCESS" else reason,
        )
        with runtime.running().report.writing() as facts:
            facts["custom_resources"].append(ran)
        if status != "SUCCESS":
            message = f"Received response status [FAILED] from custom resource. Message returned: {reason}"
            raise FinalError(message, self if self.physical_resource_id else None)


def patience(properties: dict[str, Any]) -> float:
    """How many seconds to wait for an answer: as the template says, because a later invocation may give it."""
    return float(properties.get("ServiceTimeout", PATIENCE_S))


def _texts(value: Any) -> Any:  # noqa: ANN401 - JSON
    """CloudFormation hands every number and truth value of a custom resource over as text."""
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value
