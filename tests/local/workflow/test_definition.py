"""A definition is reworded only where moto's grammar needs it."""

import json

from mlstack.local.workflow.definition import reworded
from mlstack.local.workflow.map_run import exceeded


def test_definition_keeps_its_meaning_in_the_interpreters_words() -> None:
    state = {
        "ToleratedFailurePercentage": 5,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}},
        "ResultWriter": {"Parameters": {"Bucket": "b"}, "WriterConfig": {"OutputType": "JSONL"}},
        "MaxConcurrency": 7,
    }

    told = json.loads(reworded(json.dumps({"States": {"Map": state, "After": {"Type": "Pass", "Result": [1, "é"]}}})))

    assert told["States"]["After"] == {"Type": "Pass", "Result": [1, "é"]}
    assert '"ToleratedFailurePercentage": 5.0' in reworded(json.dumps(state))
    assert told["States"]["Map"]["MaxConcurrency"] == 7
    assert told["States"]["Map"]["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] == "STANDARD"
    assert "WriterConfig" not in told["States"]["Map"]["ResultWriter"]


def test_definition_that_is_no_json_is_left_to_moto() -> None:
    assert reworded("{nonsense") == "{nonsense"


def test_failures_are_tolerated_up_to_what_the_state_says() -> None:
    assert not exceeded(0, 10, count=0, percentage=0)
    assert exceeded(1, 10, count=0, percentage=0)
    assert not exceeded(2, 10, count=2, percentage=0)
    assert exceeded(3, 10, count=2, percentage=0)
    assert not exceeded(5, 10, count=0, percentage=50)
    assert exceeded(6, 10, count=0, percentage=50)
    assert exceeded(3, 10, count=2, percentage=50)
    assert not exceeded(10, 10, count=0, percentage=100)
