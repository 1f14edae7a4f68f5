"""Values of a template, filled in as CloudFormation would, or refused."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import UserError
from mlstack.image.builds.value import Scope
from tests.mlstack.image.builds.conftest import NAMES, PLACE, REPOSITORY_URI, URI

KINDS = {"Repository": "AWS::ECR::Repository", "Project": "AWS::CodeBuild::Project"}
SCOPE = Scope(place=PLACE, names=NAMES, kinds=KINDS)
ARN = "arn:aws:ecr:us-east-1:123456789012:repository/repository-1"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["Repository", "Arn", ":"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Ref", "Fn::Join", "Fn::Sub", "Fn::Select", "Fn::Split", "Fn::GetAtt", "Fn::If"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("said", "filled"),
    [
        ("plain ${AWS::Region}", "plain ${AWS::Region}"),
        (True, "true"),
        (15, "15"),
        ({"Ref": "Project"}, "project-1"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Fn::GetAtt": ["Repository", "Arn"]}, ARN),
        ({"Fn::Sub": "${AWS::AccountId}/${Project}/${!Kept}"}, "123456789012/project-1/${Kept}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Project"}, 1]]}, "a-project-1-1"),
        ({"Fn::Select": ["1", {"Fn::Split": ["/", "a/b"]}]}, "b"),
        (REPOSITORY_URI, URI),
    ],
)
def test_a_value_is_what_cloudformation_makes_of_it(said: object, filled: str) -> None:
    assert SCOPE.value(said) == filled


@pytest.mark.parametrize(
    "said",
    [
        {"Ref": "Bucket"},
        {"Fn::Sub": "${Bucket}"},
        {"Fn::GetAtt": ["Project", "Arn"]},
        {"Fn::GetAtt": ["Repository", "RepositoryUri"]},
        {"Fn::ImportValue": "other"},
        {"Fn::Select": [7, {"Fn::Split": ["/", "a/b"]}]},
        {"Fn::Select": [-1, {"Fn::Split": ["/", "a/b"]}]},
        {"Ref": "Project", "Fn::Sub": "x"},
        {},
        None,
        ["a"],
        1.5,
    ],
)
def test_what_only_a_deploy_knows_is_refused_with_the_next_step(said: object) -> None:
    with pytest.raises(UserError, match="deploy the stage"):
        SCOPE.value(said)


def test_a_repository_that_is_not_deployed_has_no_arn() -> None:
    scope = Scope(place=PLACE, names={}, kinds=KINDS)

    with pytest.raises(UserError, match="only a deploy fills in"):
        scope.value({"Fn::GetAtt": ["Repository", "Arn"]})


@given(said=ANYTHING)
def test_whatever_a_template_holds_is_filled_in_or_refused_in_one_line(said: Mapping[str, Any]) -> None:
    lines = 1
    try:
        filled: object = SCOPE.value(said)
    except UserError as error:
        filled, lines = "", len(str(error).splitlines())

    assert isinstance(filled, str)
    assert lines == 1
