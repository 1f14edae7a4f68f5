"""How the rules read a template: functions worked out, names followed, the unknown left open."""

import json
from typing import Any

import pytest

from stacks.sagemaker_rules.properties import MAYBE, Json, Properties, known, number
from stacks.sagemaker_rules.template import Template

RESOURCES: dict[str, Json] = {
    "Named": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": "sorter"}},
    "Unnamed": {"Type": "AWS::SageMaker::Endpoint", "Properties": {}},
    "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "errors"}},
    "First": {
        "Type": "AWS::SageMaker::Model",
        "Properties": {"ModelName": {"Fn::GetAtt": ["Second", "ModelName"]}},
    },
    "Second": {
        "Type": "AWS::SageMaker::Model",
        "Properties": {"ModelName": {"Fn::GetAtt": ["First", "ModelName"]}},
        "DependsOn": "Named",
    },
}
MAPPINGS: dict[str, Json] = {"Sizes": {"eu-west-1": {"count": 3}}}


def template(region: str | None = None) -> Template:
    return Template({"Resources": RESOURCES, "Mappings": MAPPINGS}, region)


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ({"Fn::GetAtt": ["Named", "EndpointName"]}, "sorter"),
        ({"Fn::GetAtt": "Named.EndpointName"}, "sorter"),
        ({"Fn::GetAtt": ["Unnamed", "EndpointName"]}, "${Unnamed.EndpointName}"),
        ({"Ref": "Named"}, "${Named}"),
        ({"Ref": "Alarm"}, "errors"),
        (
            {"Fn::Join": ["/", ["endpoint", {"Fn::GetAtt": ["Named", "EndpointName"]}, 1, True]]},
            "endpoint/sorter/1/true",
        ),
        ({"Fn::Sub": "endpoint/${Named.EndpointName}/${!Literal}"}, "endpoint/sorter/Literal"),
        ({"Fn::Sub": ["${Name}-${Ref}", {"Name": "a"}]}, "a-${Ref}"),
        ({"Fn::FindInMap": ["Sizes", "eu-west-1", "count"]}, 3),
        ({"Fn::If": ["Condition", 1, {"Ref": "AWS::NoValue"}]}, MAYBE),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        ({"Kept": 1, "Gone": {"Ref": "AWS::NoValue"}}, {"Kept": 1}),
    ],
    ids=json.dumps,
)
def test_a_function_is_worked_out_as_far_as_the_template_allows(function: Any, value: Any) -> None:  # noqa: ANN401
    assert template().resolve(function) == value


@pytest.mark.parametrize(
    "function",
    [
        {"Fn::ImportValue": "name/with/slashes"},
        {"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "count"]},
        {"Fn::GetAtt": ["First", "ModelName"]},
        {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
        {"Ref": "Parameter"},
        {"Fn::Join": ["", "no list"]},
    ],
    ids=json.dumps,
)
def test_what_only_the_deployment_knows_stays_open_and_is_equal_to_itself(function: Any) -> None:  # noqa: ANN401
    value = template().resolve(function)

    assert isinstance(value, str)
    assert not known(value)
    assert "/" not in value
    assert value == template().resolve(function)


def test_a_region_makes_more_of_a_template_known() -> None:
    function: Json = {"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "count"]}

    assert template("eu-west-1").resolve(function) == 3
    assert template("eu-west-1").resolve({"Fn::Sub": "${AWS::Region}"}) == "eu-west-1"


@pytest.mark.parametrize("name", ["sorter", "${Named}", "${Named.EndpointName}"])
def test_a_resource_is_found_by_its_name_and_by_a_reference(name: str) -> None:
    found = template().find("AWS::SageMaker::Endpoint", name)

    assert found is not None
    assert found.properties.text("EndpointName") == "sorter"
    assert template().find("AWS::SageMaker::Model", name) is None


def test_a_resource_waits_for_what_it_refers_to_and_for_what_that_depends_on() -> None:
    read = template()
    by_id = {resource.logical_id: resource for resource in read.resources}

    assert read.waits_for(by_id["First"], by_id["Named"])
    assert not read.waits_for(by_id["Named"], by_id["First"])
    assert not read.waits_for(by_id["First"], by_id["Unnamed"])


@pytest.mark.parametrize(
    ("value", "read"),
    [(1, 1), ("12", 12), ("-3", -3), (0.25, 0.25), (True, None), ("1e3", None), (10**400, None), (float("nan"), None)],
    ids=str,
)
def test_a_number_is_read_also_from_text_and_nothing_else_is(value: Any, read: float | None) -> None:  # noqa: ANN401
    assert number(value) == read


def test_a_property_that_may_be_there_is_neither_had_nor_lacked() -> None:
    properties = Properties({"Perhaps": MAYBE, "There": 0})

    assert not properties.has("Perhaps")
    assert not properties.lacks("Perhaps")
    assert properties.has("There")
    assert properties.lacks("Absent")
