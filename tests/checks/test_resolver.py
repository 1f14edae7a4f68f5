"""CloudFormation's functions are worked out as CloudFormation does it."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.resolver import Resolver
from checks.symbols import Json, UnresolvableError
from mlstack.assembly import Assembly, Stack

EMPTY = Stack(
    id="Lab", name="Lab", environment="aws://unknown-account/unknown-region", template={}, template_path=Path("none")
)
NOTHING = Resolver(EMPTY, Assembly((EMPTY,)))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: (
        st.lists(inside) | st.dictionaries(st.text().filter(lambda key: key[:4] not in {"Ref", "Fn::"}), inside)
    ),
)

RESOURCES = {
    "Function": {"Type": "AWS::Lambda::Function"},
    "Role": {"Type": "AWS::IAM::Role"},
    "Bucket": {"Type": "AWS::S3::Bucket"},
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Subnet": {"Type": "AWS::EC2::Subnet"},
    "Machine": {"Type": "AWS::StepFunctions::StateMachine"},
}


@settings(deadline=None)  # a busy machine is no fault
@given(PLAIN)
def test_resolver_leaves_plain_values_as_they_are(value: Json) -> None:
    assert NOTHING.resolve(value) == value


@settings(deadline=None)
@given(st.text(max_size=3), st.lists(st.text(max_size=9)))
def test_resolver_joins_like_a_string(separator: str, parts: list[str]) -> None:
    assert NOTHING.resolve({"Fn::Join": [separator, list[Json](parts)]}) == separator.join(parts)


@settings(deadline=None)
@given(st.text())
def test_resolver_base64_can_be_read_back(text: str) -> None:
    encoded = NOTHING.text({"Fn::Base64": text})

    assert base64.b64decode(encoded).decode() == text


@settings(deadline=None)
@given(st.text().filter(lambda text: "${" not in text))
def test_resolver_sub_keeps_text_without_variables(text: str) -> None:
    assert NOTHING.resolve({"Fn::Sub": text}) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Ref": "Function"}, "Function"),
        ({"Ref": "Bucket"}, "bucket"),
        ({"Ref": "Subnet"}, "subnet-0123456789abcdef0"),
        ({"Ref": "Topic"}, "arn:aws:sns:eu-west-1:123456789012:Topic"),
        ({"Ref": "Machine"}, "arn:aws:states:eu-west-1:123456789012:stateMachine:Machine"),
        ({"Ref": "Queue"}, "https://sqs.eu-west-1.amazonaws.com/123456789012/Queue"),
        ({"Ref": "Size"}, "ml.m5.large"),
        ({"Ref": "Image"}, "ami-0123456789abcdef0"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "arn:aws:iam::123456789012:role/Role"),
        ({"Fn::GetAtt": "Function.Arn"}, "arn:aws:lambda:eu-west-1:123456789012:function:Function"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:aws:s3:::bucket"),
        ({"Fn::Sub": "${Bucket}/${!Literal}/${Role.Arn}"}, "bucket/${Literal}/arn:aws:iam::123456789012:role/Role"),
        ({"Fn::Sub": ["${Key}-${AWS::Region}", {"Key": {"Ref": "Bucket"}}]}, "bucket-eu-west-1"),
        ({"Fn::Select": [1, {"Fn::Split": ["/", "a/b/c"]}]}, "b"),
        ({"Fn::Select": ["0", {"Fn::GetAZs": ""}]}, "eu-west-1a"),
        ({"Fn::If": ["Rich", {"Ref": "Bucket"}, "nothing"]}, "bucket"),
        ({"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "gpu"]}, "ami-1"),
        ({"Kept": 1, "Gone": {"Ref": "AWS::NoValue"}}, {"Kept": 1}),
        (["a", {"Fn::If": ["Rich", {"Ref": "AWS::NoValue"}, "b"]}], ["a"]),
        ({"Fn::ToJsonString": {"a": {"Ref": "Bucket"}}}, '{"a": "bucket"}'),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
        ({"Ref": "Bucket", "Other": "key"}, {"Ref": "Bucket", "Other": "key"}),
    ],
)
def test_resolver_works_functions_out(stack_of: Callable[..., Assembly], value: Json, expected: Json) -> None:
    parameters = {
        "Size": {"Type": "String", "Default": "ml.m5.large"},
        "Zones": {"Type": "CommaDelimitedList", "Default": "a,b"},
        "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/aws/service/ami"},
    }
    assembly = stack_of(
        RESOURCES,
        "aws://123456789012/eu-west-1",
        Parameters=parameters,
        Mappings={"Images": {"eu-west-1": {"gpu": "ami-1"}}},
    )

    assert Resolver(assembly.stacks[0], assembly).resolve(value) == expected


def test_resolver_follows_an_import_into_the_other_stack(
    assembly_of: Callable[[dict[str, dict[str, Any]]], Assembly],
) -> None:
    export = {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:Queue"}}}
    assembly = assembly_of({"Data": {"Resources": RESOURCES, "Outputs": {"Queue": export}}, "App": {"Resources": {}}})

    resolver = Resolver(assembly.stacks[1], assembly)

    expected = "arn:aws:sqs:us-east-1:111122223333:Queue"
    assert resolver.resolve({"Fn::ImportValue": "Data:Queue"}) == expected
    assert resolver.resolve({"Fn::GetStackOutput": {"StackName": "Data", "OutputName": "Queue"}}) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"Ref": "Nobody"}, "Nobody is neither a resource nor a parameter"),
        ({"Fn::GetAtt": ["Nobody", "Arn"]}, "Nobody is neither a resource nor a parameter"),
        ({"Fn::ImportValue": "nowhere"}, "no stack exports nowhere"),
        ({"Fn::GetStackOutput": {"StackName": "X", "OutputName": "Y"}}, "no stack X has an output Y"),
        ({"Fn::Transform": {"Name": "Macro"}}, "Fn::Transform"),
        ({"Fn::FindInMap": ["A", "B", "C"]}, "the mapping A/B/C does not exist"),
        ({"Fn::Select": [3, ["a"]]}, "item 3 of 1"),
        ({"Fn::Join": ["", [{"a": 1}]]}, "a dict stands where a string is needed"),
        ({"Fn::If": ["Rich"]}, "Fn::If"),
    ],
)
def test_resolver_says_what_it_cannot_work_out(value: Json, reason: str) -> None:
    with pytest.raises(UnresolvableError, match=reason):
        NOTHING.resolve(value)
