"""Whatever AWS refuses at whatever call, the next delivery goes on, and a lost answer is no failure."""

import pytest
from botocore.exceptions import ClientError

from endpoint_change.deciding import EndpointBusyError
from tests.functions.endpoint_change.test_handler import ANSWER, NAME, Prepare, handled, ours, theirs
from tests.functions.shared.cloud import Call, Cloud, Fault, refusing
from tests.functions.trained_models.sagemaker import SageMaker

WAYS: list[tuple[Prepare | None, str]] = [
    (None, one) for one in ("DescribeEndpoint", "CreateEndpointConfig", "CreateEndpoint")
]
WAYS += [
    (theirs, one)
    for one in ("DescribeEndpoint", "ListTags", "DescribeEndpointConfig", "CreateEndpointConfig", "UpdateEndpoint")
]


@pytest.mark.parametrize(("prepare", "operation"), WAYS)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDeniedException", 400),
        ("ThrottlingException", 400),
        ("ResourceLimitExceeded", 400),
        ("InternalFailure", 500),
        ("ValidationException", 400),
    ],
)
def test_a_refusal_is_an_error_and_the_next_delivery_goes_on(  # noqa: PLR0913, PLR0917 (every call, every refusal)
    sagemaker: SageMaker, cloud: Cloud, prepare: Prepare | None, operation: str, code: str, status: int
) -> None:
    if prepare:
        prepare(sagemaker)
    cloud.faults = [Fault(answer=refusing(code, status, "said AWS"), operation=operation)]

    with pytest.raises(ClientError, match=f"{code}.*{operation}"):
        handled()
    cloud.faults = []

    assert handled()["action"] == ("update" if prepare else "create")


@pytest.mark.parametrize(("prepare", "operation"), WAYS)
@pytest.mark.parametrize("lost", [False, True])
def test_a_fault_that_passes_is_no_failure(
    sagemaker: SageMaker, cloud: Cloud, prepare: Prepare | None, operation: str, *, lost: bool
) -> None:
    if prepare:
        prepare(sagemaker)
    cloud.faults = [Fault(answer=refusing("InternalFailure", 500), operation=operation, after=lost)]

    def passes(_call: Call, _done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if cloud.struck:
            cloud.faults = []

    cloud.wait = passes

    assert handled() == {**ANSWER, "action": "update" if prepare else "create"}
    assert len(cloud.struck) == 1


@pytest.mark.parametrize("prepare", [None, ours, theirs])
@pytest.mark.parametrize("operation", ["CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint"])
def test_a_repeated_call_that_meets_its_own_effect_is_no_error(
    sagemaker: SageMaker, cloud: Cloud, prepare: Prepare | None, operation: str
) -> None:
    if prepare:
        prepare(sagemaker)
    again: list[Call] = []

    def twice(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        """Let the call take effect before it arrives, as where botocore repeats one whose answer was lost."""
        if call.operation == operation and not done and not again:
            again.append(call)
            sagemaker.answer(None, operation, call.parameters)

    cloud.wait = twice

    assert handled() == {**ANSWER, "action": "update" if prepare else "create"}


def test_an_endpoint_that_somebody_else_takes_meanwhile_is_told(sagemaker: SageMaker, cloud: Cloud) -> None:
    ours(sagemaker)

    def scales(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "UpdateEndpoint" and not done:
            sagemaker.kept["Endpoint"][NAME].status = "Updating"

    cloud.wait = scales

    with pytest.raises(EndpointBusyError, match="is Updating"):
        handled()
