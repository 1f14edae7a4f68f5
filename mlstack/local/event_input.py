"""What a rule hands to its target: the event, a part of it, a constant, or a text made of parts."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[['\"]([^'\"]+)['\"]\]")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<([A-Za-z0-9_.-]+)>')
NAME = re.compile(r"<([A-Za-z0-9_.-]+)>")


def event_input(event: Mapping[str, Any], target: Mapping[str, Any], rule_arn: str) -> str:
    """The text that the target gets, as JSON."""
    said = told(event)
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(found(said, target["InputPath"]))
    if target.get("InputTransformer"):
        transformer = target["InputTransformer"]
        values = {name: found(said, path) for name, path in transformer.get("InputPathsMap", {}).items()}
        own = {
            "aws.events.event": said,
            "aws.events.event.json": said,
            "aws.events.event.ingestion-time": said["time"],
            "aws.events.rule-arn": rule_arn,
            "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        }
        return transformed(str(transformer["InputTemplate"]), {**own, **values})
    return json.dumps(said)


def told(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event as AWS writes it: its time as text, and nothing of moto's own."""
    said = {name: value for name, value in event.items() if name != "ingestion-time"}
    if isinstance(said["time"], int | float):
        said["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(said["time"]))
    return said


def found(event: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    """What a path like ``$.detail.object.key`` leads to; nothing where it leads nowhere."""
    for name, index, quoted in STEP.findall(path.removeprefix("$")):
        try:
            event = event[int(index)] if index else event[name or quoted]
        except (KeyError, IndexError, TypeError):
            return None
    return event


def transformed(template: str, values: Mapping[str, Any]) -> str:
    """The template with its ``<names>`` filled in: inside quotes as text, outside as JSON with quotes of its own."""

    def fill(token: re.Match[str]) -> str:
        if token[1] is None:
            return NAME.sub(lambda name: _text(values[name[1]]) if name[1] in values else name[0], token[0])
        return json.dumps(values[token[1]]) if token[1] in values else token[0]

    return TOKEN.sub(fill, template)


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    if value is None:
        return ""
    return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]
