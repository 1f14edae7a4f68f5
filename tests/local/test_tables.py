"""A function is shown by the names that a reader of the stacks knows."""

import pytest

from mlstack.local.tables import readable


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("mlstack-sandbox-Vision-LabelsFunctionF7E382BF-2V0UOTZ9N6UV", "Vision/LabelsFunction"),
        (
            "mlstack-my-stage-Storage-CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F-UTE5YBSFU4KY",
            "Storage/CustomS3AutoDeleteObjects",
        ),
        ("function-1a2b3c4d", "function-1a2b3c4d"),
    ],
)
def test_a_function_is_named_by_its_stack_and_construct(name: str, shown: str) -> None:
    assert readable(name) == shown
