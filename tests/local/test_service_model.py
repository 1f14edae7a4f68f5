"""A request is checked against AWS's own model."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.service_model import complaint, unknown_field

Json = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/any"
NOTEBOOK: Json = {"NotebookInstanceName": "n", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_a_good_request_has_no_fault() -> None:
    assert complaint("sagemaker", "CreateNotebookInstance", NOTEBOOK) == ""


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"RoleArn": None}, "Value null at 'roleArn'"),
        ({"NotebookInstanceName": "a_b"}, "regular expression pattern"),
        ({"NotebookInstanceName": "a" * 64}, "length less than or equal to 63"),
        ({"NotebookInstanceName": 7}, "Member must be a string"),
        ({"VolumeSizeInGB": True}, "Member must be a integer"),
        ({"VolumeSizeInGB": 4}, "value greater than or equal to 5"),
        ({"InstanceType": "ml.tiny"}, "enum value set"),
        ({"SecurityGroupIds": {"a": 1}}, "Member must be a list"),
        ({"Tags": [{"Key": "k"}]}, "Value null at 'tags.1.member.value'"),
    ],
)
def test_a_fault_is_told_in_awss_words(changed: Json, fault: str) -> None:
    said = complaint("sagemaker", "CreateNotebookInstance", {**NOTEBOOK, **changed})

    assert said.startswith("1 validation error detected: ")
    assert fault in said


def test_the_keys_and_values_of_a_map_are_looked_at() -> None:
    container = {"Image": "x", "Environment": {"good": "1", "not good": "2"}}

    said = complaint("sagemaker", "CreateModel", {"ModelName": "m", "PrimaryContainer": container})

    assert "'primaryContainer.environment.key'" in said


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("NotebookInstanceName", "Tags", "VolumeSizeInGB"), JSON)))
def test_whatever_is_asked_gets_an_answer(asked: Json) -> None:
    assert "errors detected" in complaint("sagemaker", "CreateNotebookInstance", asked)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"ModelName": "m", "Containers": [{"Image": "x"}, {"Environment": {"any": "name"}}]}, ""),
        ({"Modelname": "m"}, "Modelname"),
        ({"PrimaryContainer": {"Images": "x"}}, "Images"),
        ({"Containers": [{"Image": "x"}, {"Url": "y"}]}, "Url"),
        ({"Containers": "no list"}, ""),
    ],
)
def test_a_field_that_a_service_does_not_have_is_found_wherever_it_is(asked: Json, field: str) -> None:
    assert unknown_field("sagemaker", "CreateModel", asked) == field
