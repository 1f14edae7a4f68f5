"""What becomes of a message after each error that a call can meet."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from botocore.session import get_session

from shared.analyses import ANALYSES
from shared.fault import Fault, fault_of, reason_of

URL = "https://rekognition.us-east-1.amazonaws.com"
BY_CODE = [
    # Rekognition, all that the analyses can answer, and those of their neighbours
    ("AccessDeniedException", 400, Fault.PARK),
    ("ImageTooLargeException", 400, Fault.REFUSE),
    ("InternalServerError", 500, Fault.RETRY),
    ("HumanLoopQuotaExceededException", 400, Fault.PARK),
    ("InvalidImageFormatException", 400, Fault.REFUSE),
    ("InvalidParameterException", 400, Fault.PARK),
    ("InvalidS3ObjectException", 400, Fault.PARK),
    ("LimitExceededException", 400, Fault.WAIT),
    ("ResourceNotReadyException", 400, Fault.PARK),
    ("VideoTooLargeException", 400, Fault.REFUSE),
    ("ProvisionedThroughputExceededException", 400, Fault.WAIT),
    ("ThrottlingException", 400, Fault.WAIT),
    ("ThrottlingException", 500, Fault.WAIT),
    ("ServiceQuotaExceededException", 400, Fault.PARK),
    ("UnrecognizedClientException", 400, Fault.PARK),
    ("ExpiredTokenException", 400, Fault.PARK),
    ("ValidationException", 400, Fault.PARK),
    # S3
    ("AccessDenied", 403, Fault.PARK),
    ("InternalError", 500, Fault.RETRY),
    ("InvalidObjectState", 403, Fault.PARK),
    ("InvalidRange", 416, Fault.PARK),
    ("NoSuchBucket", 404, Fault.PARK),
    ("NoSuchKey", 404, Fault.GONE),
    ("NoSuchVersion", 404, Fault.GONE),
    ("PreconditionFailed", 412, Fault.GONE),
    ("RequestTimeout", 400, Fault.RETRY),
    ("ServiceUnavailable", 503, Fault.RETRY),
    ("SlowDown", 503, Fault.WAIT),
    ("KMS.DisabledException", 400, Fault.PARK),
    # DynamoDB and SQS
    ("RequestLimitExceeded", 400, Fault.WAIT),
    ("ResourceNotFoundException", 400, Fault.PARK),
    ("RequestThrottled", 403, Fault.WAIT),
    ("AWS.SimpleQueueService.NonExistentQueue", 400, Fault.PARK),
    # What a proxy or a broken server says
    ("502", 502, Fault.RETRY),
    ("504", 504, Fault.RETRY),
    ("Unheard-of", 418, Fault.PARK),
]


def answered(code: str, status: int, operation: str = "DetectLabels") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "said AWS"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


@pytest.mark.parametrize(("code", "status", "expected"), BY_CODE)
def test_error_of_aws_is_judged_by_code_and_status(code: str, status: int, expected: Fault) -> None:
    assert fault_of(answered(code, status)) is expected


@pytest.mark.parametrize("operation", sorted({one.operation for one in ANALYSES.values()}))
def test_every_error_of_an_analysis_is_in_the_table(operation: str) -> None:
    model = get_session().get_service_model("rekognition").operation_model(operation)

    modelled = {shape.name for shape in model.error_shapes}

    assert modelled <= {code for code, _, _ in BY_CODE}


@pytest.mark.parametrize(
    "error",
    [
        ConnectTimeoutError(endpoint_url=URL),
        ReadTimeoutError(endpoint_url=URL),
        EndpointConnectionError(endpoint_url=URL),
        ConnectionClosedError(endpoint_url=URL),
        SSLError(endpoint_url=URL, error=OSError("handshake")),
        ResponseStreamingError(error="broken pipe"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
    ids=lambda error: type(error).__name__,
)
def test_cut_connection_comes_again(error: BotoCoreError) -> None:
    assert fault_of(error) is Fault.RETRY


@pytest.mark.parametrize(
    "error",
    [NoCredentialsError(), ParamValidationError(report="Invalid bucket name")],
    ids=lambda error: type(error).__name__,
)
def test_error_of_the_set_up_is_parked(error: BotoCoreError) -> None:
    assert fault_of(error) is Fault.PARK


def test_error_without_code_and_status_is_parked() -> None:
    error = ClientError({}, "DetectLabels")

    assert fault_of(error) is Fault.PARK
    assert reason_of(error) == "DetectLabels: Unknown: "


@pytest.mark.parametrize("code", [code for code, _, fault in BY_CODE if fault in {Fault.REFUSE, Fault.GONE}])
def test_reason_of_a_lost_object_is_a_sentence_without_codes(code: str) -> None:
    reason = reason_of(answered(code, 400))

    assert reason.startswith("the ")
    assert code not in reason


def test_reason_of_any_other_error_names_call_code_and_message() -> None:
    assert reason_of(answered("AccessDenied", 403, "GetObject")) == "GetObject: AccessDenied: said AWS"
    assert "Could not connect" in reason_of(EndpointConnectionError(endpoint_url=URL))
