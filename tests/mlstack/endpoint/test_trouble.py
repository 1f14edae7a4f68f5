"""What each error of AWS means for a photo."""

import pytest
from botocore.exceptions import ClientError

from mlstack.endpoint import trouble
from mlstack.endpoint.trouble import Trouble
from tests.mlstack.wire import client

WAKING = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress "
    "(if configured) or try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)


def error(code: str, message: str = "", **more: object) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, "InvokeEndpoint")  # type: ignore[typeddict-item] # a modelled error has fields of its own


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (error("ValidationError", WAKING), Trouble.ASLEEP),
        (error("ModelNotReadyException"), Trouble.ASLEEP),
        (error("ModelError", OriginalStatusCode=503), Trouble.BUSY),
        (error("ModelError", OriginalStatusCode=429), Trouble.BUSY),
        (error("ServiceUnavailable"), Trouble.BUSY),
        (error("InternalFailure"), Trouble.BUSY),
        (error("InternalDependencyException"), Trouble.BUSY),
        (error("ThrottlingException", "Rate exceeded"), Trouble.BUSY),
        (error("ModelError", OriginalStatusCode=400), Trouble.MODEL),
        (error("ModelError", OriginalStatusCode="503"), Trouble.MODEL),
        (error("ModelError", WAKING), Trouble.MODEL),
        (error("413"), Trouble.TOO_LARGE),
        (error("ValidationError", "Endpoint x of account 1 not found."), Trouble.ABSENT),
        (error("ValidationError", "variant"), Trouble.OTHER),
        (error("AccessDeniedException", "not found"), Trouble.OTHER),
        (ClientError({}, "InvokeEndpoint"), Trouble.OTHER),
    ],
)
def test_an_error_means(found: ClientError, expected: Trouble) -> None:
    assert trouble.of(found) is expected


def test_every_error_that_aws_names_is_understood() -> None:
    errors = client("sagemaker-runtime").meta.service_model.operation_model("InvokeEndpoint").error_shapes

    meant = {shape.name: trouble.of(error(shape.name, WAKING)) for shape in errors}

    assert Trouble.OTHER not in meant.values()
