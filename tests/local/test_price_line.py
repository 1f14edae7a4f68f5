"""What a stage would cost is said as its stacks announce it."""

import json
from pathlib import Path

import pytest

from mlstack.errors import UserError
from mlstack.local.price_line import price_lines
from tests.local.announced import assembly, entry

FRONT = "service front: idle $24.32 a month; awake at most $0.0445 an hour and task; sleeps after 15 minutes"


def test_a_price_is_said_without_the_cdks_own_words(tmp_path: Path) -> None:
    found = assembly(tmp_path, "Ecs", said={"Ecs": [entry(f"{FRONT} [ack: mlstack:price:front]")]})

    assert price_lines(found) == [FRONT]


def test_every_stack_is_asked_and_each_price_is_one_line(tmp_path: Path) -> None:
    told = {
        "Endpoints": [entry("endpoint a [b]: $0.00\n  a month [ack: mlstack:price]")],
        "Ecs": [entry("service b: $1 [ack: mlstack:price:b]"), entry("service c: $2 [ack: mlstack:price:c]")],
    }

    found = price_lines(assembly(tmp_path, "Endpoints", "Ecs", "Network", said=told))

    assert sorted(found) == ["endpoint a [b]: $0.00 a month", "service b: $1", "service c: $2"]


@pytest.mark.parametrize(
    "other",
    [
        entry("x [ack: mlstack:prices]"),
        entry("x [ack: mlstack:other]"),
        entry("x [ack: mlstack:price:a] and more"),
        entry("x [ack: mlstack:price:a]", "aws:cdk:warning"),
        entry({"text": "x [ack: mlstack:price:a]"}),
        entry(None),
        {"type": "aws:cdk:info"},
        "x [ack: mlstack:price:a]",
    ],
)
def test_what_is_no_price_is_left_out(tmp_path: Path, other: object) -> None:
    price = entry(f"{FRONT} [ack: mlstack:price:front]")

    assert price_lines(assembly(tmp_path, "Ecs", said={"Ecs": [other, price]})) == [FRONT]


@pytest.mark.parametrize("damage", ["{", "[]", None])
def test_announcements_that_cannot_be_read_are_one_line(tmp_path: Path, damage: str | None) -> None:
    found = assembly(tmp_path, "Ecs", said={"Ecs": [entry("x")]})
    path = tmp_path / "mlstack-lab-Ecs.metadata.json"
    path.unlink()
    if damage is not None:
        path.write_text(damage)

    with pytest.raises(UserError, match=r"mlstack-lab-Ecs\.metadata\.json .*run `make synth` again"):
        price_lines(found)


def test_entries_that_are_no_list_announce_nothing(tmp_path: Path) -> None:
    found = assembly(tmp_path, "Ecs", said={"Ecs": []})
    (tmp_path / "mlstack-lab-Ecs.metadata.json").write_text(json.dumps({"/a": 7, "/b": None}))

    assert price_lines(found) == []
