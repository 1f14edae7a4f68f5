"""AWS's published example answers: botocore's where it has them, else those of the developer guide in examples.json."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

Json = dict[str, Any]
SERVICE = "rekognition"


def of_guide(name: str) -> Any:  # noqa: ANN401 - JSON
    """An example of the developer guide, free to be changed."""
    return copy.deepcopy(_guide()[name])


def of_botocore(operation: str) -> Json:
    """The example output of an operation as botocore documents it, free to be changed."""
    return copy.deepcopy(_published()[operation][0]["output"])


@cache
def _guide() -> Json:
    found: Json = json.loads((Path(__file__).parent / "examples.json").read_text())
    return found


@cache
def _published() -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = Loader().load_service_model(SERVICE, "examples-1")["examples"]
    return found
