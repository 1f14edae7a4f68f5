"""The rules read templates that nobody checked before: whatever the shape, they answer and do not fail."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.sagemaker_rules.check import violations
from stacks.sagemaker_rules.rule import Violation
from tests.templates.sagemaker_rules.good import GOOD

TYPES = sorted({one["Type"] for good in GOOD for one in good()["Resources"].values()})
KEYS = sorted({key for good in GOOD for one in good()["Resources"].values() for key in one["Properties"]})
WORDS = ["", "${", "${A.b}", "0", "-1", "true", "AllTraffic", "ml.m5.large", "ml.", "arn:aws:states:::sagemaker:x.sync"]
NUMBERS = st.integers() | st.floats(allow_nan=True, allow_infinity=True)
FUNCTIONS = ["Ref", "Fn::GetAtt", "Fn::Join", "Fn::Sub", "Fn::If", "Fn::FindInMap", "Fn::Base64", "Fn::ImportValue"]
LEAVES = st.none() | st.booleans() | NUMBERS | st.sampled_from(WORDS) | st.text(max_size=5)
NAMES = st.sampled_from([*KEYS, *FUNCTIONS, "Name", "Type", "Value", "A", "B"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
RESOURCE = st.fixed_dictionaries(
    {"Type": st.sampled_from(TYPES) | LEAVES},
    optional={
        "Properties": st.dictionaries(NAMES, VALUES, max_size=6) | VALUES,
        "Metadata": VALUES,
        "DependsOn": VALUES,
    },
)
TEMPLATES = st.dictionaries(
    st.sampled_from(["Resources", "Mappings", "Parameters"]),
    st.dictionaries(st.sampled_from(["A", "B", "C"]), RESOURCE | VALUES, max_size=3) | VALUES,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401  # any part of a template
    """The path of every part of a template."""
    inside = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path, *(found for key, part in inside for found in places(part, (*path, key)))]


@settings(max_examples=300)
@given(TEMPLATES)
def test_rules_answer_for_any_template(template: dict[str, Any]) -> None:
    assert all(isinstance(one, Violation) for one in violations(template, "us-east-1"))


@settings(max_examples=300)
@given(st.sampled_from(GOOD), st.data(), VALUES)
def test_rules_answer_when_any_part_of_a_good_template_is_anything_else(
    good: Any,  # noqa: ANN401  # hypothesis draws it
    data: st.DataObject,
    value: Any,  # noqa: ANN401  # likewise
) -> None:
    template = copy.deepcopy(good())
    *path, last = data.draw(st.sampled_from(places(template)[1:]))
    holder: Any = template
    for key in path:
        holder = holder[key]

    holder[last] = value

    assert all(isinstance(one, Violation) for one in violations(template))


@given(st.sampled_from(GOOD), st.data())
def test_a_value_that_only_the_deployment_knows_breaks_no_rule_by_itself(
    good: Any,  # noqa: ANN401  # hypothesis draws it
    data: st.DataObject,
) -> None:
    template = copy.deepcopy(good())
    unknown = [path for path in places(template["Resources"]) if path and path[-1] in SAFELY_UNKNOWN]
    *path, last = data.draw(st.sampled_from(unknown or [("Role", "Unused")]))
    holder: Any = template["Resources"]
    for key in path:
        holder = holder[key]

    holder[last] = {"Ref": "Parameter"}

    assert list(violations(template)) == []


SAFELY_UNKNOWN = {
    "CopyCount",
    "Image",
    "InitialInstanceCount",
    "InitialSamplingPercentage",
    "MaxConcurrency",
    "MaximumExecutionTimeoutInSeconds",
    "MemorySizeInMB",
    "MinMemoryRequiredInMb",
    "ModelDataUrl",
    "ModelName",
    "NumberOfCpuCoresRequired",
    "PlatformIdentifier",
    "SubnetId",
    "Threshold",
    "Value",
    "VolumeSizeInGB",
    "WaitIntervalInSeconds",
}
