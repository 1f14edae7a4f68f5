"""A target gets the event, a part of it, a constant, or a text made of parts, as EventBridge writes it."""

import json
from typing import Any

import pytest

from mlstack.local.event_input import event_input

RULE = "arn:aws:events:us-east-1:123456789012:rule/mine"
EVENT: dict[str, Any] = {
    "id": "1",
    "source": "mlstack.vision",
    "time": 1_700_000_000,
    "ingestion-time": 1.5,
    "resources": ["first", "second"],
    "detail": {"key": 'a "quoted" é', "size": 3, "labels": [{"name": "Smoking"}], "odd.name": True},
}


def test_the_event_is_told_as_aws_writes_it() -> None:
    said = json.loads(event_input(EVENT, {}, RULE))

    assert said["time"] == "2023-11-14T22:13:20Z"
    assert "ingestion-time" not in said
    assert said["detail"] == EVENT["detail"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.detail.size", 3),
        ("$.detail.labels[0].name", "Smoking"),
        ("$.resources[1]", "second"),
        ("$.detail['odd.name']", True),
        ("$.detail.none.at.all", None),
        ("$.resources[9]", None),
        ("$.detail.size.deeper", None),
    ],
)
def test_a_path_leads_to_a_part_or_to_nothing(path: str, expected: object) -> None:
    assert json.loads(event_input(EVENT, {"InputPath": path}, RULE)) == expected


def test_a_constant_is_handed_on_as_it_is() -> None:
    assert event_input(EVENT, {"Input": '{"sweep": true}'}, RULE) == '{"sweep": true}'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"key": <key>, "size": <size>}', {"key": 'a "quoted" é', "size": 3}),
        ('{"uri": "s3://b/<key>"}', {"uri": 's3://b/a "quoted" é'}),
        ('"labels: <labels>"', 'labels: [{"name": "Smoking"}]'),
        ('{"missing": <missing>}', {"missing": None}),
        ('{"rule": "<aws.events.rule-name>", "unknown": "<other>"}', {"rule": "mine", "unknown": "<other>"}),
        ('{"less": "1 < 2 > 0"}', {"less": "1 < 2 > 0"}),
    ],
)
def test_a_template_is_filled_with_parts(template: str, expected: object) -> None:
    paths = {"key": "$.detail.key", "size": "$.detail.size", "labels": "$.detail.labels", "missing": "$.detail.x"}
    target = {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}

    assert json.loads(event_input(EVENT, target, RULE)) == expected
