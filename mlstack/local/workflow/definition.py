"""State machine definitions that Step Functions takes and moto's grammar does not, in words that it does."""

import json
from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from mlstack.local.mend import replace


def mend() -> None:
    """Reword before moto parses."""
    moto_parse = AmazonStateLanguageParser.parse

    def parse(definition: str) -> Any:  # noqa: ANN401 - moto's own
        return moto_parse(reworded(definition))

    replace(AmazonStateLanguageParser, "parse", staticmethod(parse))


def reworded(definition: str) -> str:
    """The same state machine: whole percentages as decimals, children of a Map all of one type, no WriterConfig."""
    try:
        said = json.loads(definition)
    except ValueError:
        return definition  # moto says what is wrong with it
    return json.dumps(_reworded(said))


def _reworded(said: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(said, list):
        return [_reworded(one) for one in said]
    if not isinstance(said, dict):
        return said
    told = {name: _reworded(value) for name, value in said.items()}
    if isinstance(told.get("ToleratedFailurePercentage"), int):
        told["ToleratedFailurePercentage"] = float(told["ToleratedFailurePercentage"])
    if told.get("Mode") == "DISTRIBUTED" and told.get("ExecutionType") == "EXPRESS":
        told["ExecutionType"] = "STANDARD"
    if isinstance(told.get("ResultWriter"), dict):
        told["ResultWriter"].pop("WriterConfig", None)
    return told
