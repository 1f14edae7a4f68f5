"""GetExecutionHistory in pages, first or last event first; moto gives all of it, first event first."""

from typing import Any, cast

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import InvalidToken
from moto.stepfunctions.responses import StepFunctionResponse

from mlstack.local.mend import replace
from mlstack.local.rekognition.failure import RekognitionError
from mlstack.local.rekognition.page import page

USUAL_PAGE = 100
LARGEST_PAGE = 1000


def mend() -> None:
    """Cut moto's answer."""
    moto_history = StepFunctionResponse.get_execution_history

    def get_execution_history(self: StepFunctionResponse) -> ActionResult:
        said = cast("dict[str, Any]", moto_history(self).result)
        events = said["events"][:: -1 if self._get_bool_param("reverseOrder") else 1]
        size = min(self._get_int_param("maxResults") or USUAL_PAGE, LARGEST_PAGE)
        try:
            shown, token = page(events, size, self._get_param("nextToken"), self._get_param("executionArn"))
        except RekognitionError as error:
            raise InvalidToken from error
        return ActionResult({"events": shown, **({"nextToken": token} if token else {})})

    replace(StepFunctionResponse, "get_execution_history", get_execution_history)
