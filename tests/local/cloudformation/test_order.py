"""The order in which resources are made and deleted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.cloudformation.order import creation_order, deletion_order, references

NAMES = [f"R{number}" for number in range(8)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"Ref": "A"}, {"A"}),
        ({"Fn::GetAtt": ["A", "Arn"]}, {"A"}),
        ({"Fn::GetAtt": "A.Nested.Arn"}, {"A"}),
        ({"Fn::Sub": "x ${A} ${B.Arn} ${!Literal} ${AWS::Region}"}, {"A", "B", "AWS::Region"}),
        ({"Fn::Sub": ["${A} ${V}", {"V": {"Ref": "B"}}]}, {"A", "B", "V"}),
        ({"DependsOn": "A"}, {"A"}),
        ({"DependsOn": ["A", "B"]}, {"A", "B"}),
        ({"Properties": {"X": [{"Fn::Join": ["", [{"Ref": "A"}]]}]}}, {"A"}),
        ({"Properties": {"Text": "Ref: A"}}, set()),
    ],
)
def test_references_are_found_in_every_spelling(body: dict[str, Any], expected: set[str]) -> None:
    assert references(body) == expected


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    shuffled = draw(st.permutations(NAMES))
    bodies: dict[str, Any] = {}
    for position, name in enumerate(shuffled):
        needs = draw(st.lists(st.sampled_from(shuffled[:position]), unique=True)) if position else []
        bodies[name] = {"Type": "T", "Properties": {"Needs": [{"Ref": need} for need in needs]}}
    return {name: bodies[name] for name in draw(st.permutations(NAMES))}


@given(resources=templates())
def test_resources_are_made_after_what_they_name(resources: dict[str, Any]) -> None:
    order = creation_order(resources)

    assert sorted(order) == sorted(resources)
    for name, body in resources.items():
        assert all(order.index(need) < order.index(name) for need in references(body))


@given(resources=templates())
def test_resources_are_deleted_before_what_they_name(resources: dict[str, Any]) -> None:
    order = deletion_order(resources)

    for name, body in resources.items():
        assert all(order.index(need) > order.index(name) for need in references(body))


def test_a_circle_is_refused_with_its_names() -> None:
    resources: dict[str, dict[str, Any]] = {"A": {"DependsOn": "B"}, "B": {"Properties": {"X": {"Ref": "A"}}}, "C": {}}

    with pytest.raises(ValueError, match=r"Circular dependency between resources: \[A, B\]"):
        creation_order(resources)
