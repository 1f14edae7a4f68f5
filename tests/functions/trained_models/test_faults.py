"""Whatever AWS refuses at whatever call, a deletion ends in time, and nothing is forgotten."""

import pytest

from tests.functions.cloudformation import Address, Time
from tests.functions.shared.cloud import Call, Cloud, Fault, refusing
from tests.functions.trained_models.conftest import JOB, STAGE
from tests.functions.trained_models.sagemaker import SageMaker
from tests.functions.trained_models.test_handler import ENDPOINT, GROUP, delete, serve
from tests.functions.trained_models.test_logs import ENDPOINTS, SHARED

LEFT = "mlstack-sandbox-left-the-profile"
OPERATIONS = [
    "ListTrainingJobs",
    "ListCompilationJobs",
    "StopTrainingJob",
    "ListEndpoints",
    "ListTags",
    "DeleteEndpoint",
    "ListEndpointConfigs",
    "DeleteEndpointConfig",
    "ListModels",
    "DeleteModel",
    "ListModelPackageGroups",
    "DescribeModelPackageGroup",
    "ListModelPackages",
    "DeleteModelPackage",
    "DeleteModelPackageGroup",
    "DescribeLogGroups",
    "ListTagsForResource",
    "DeleteLogGroup",
    "DescribeLogStreams",
    "DeleteLogStream",
]


def full(sagemaker: SageMaker) -> None:
    """One of everything."""
    serve(sagemaker)
    sagemaker.add("TrainingJob", JOB, "InProgress")
    sagemaker.registry.add(GROUP, 1)
    sagemaker.registry.add(LEFT, 1, {"mlstack:stage": STAGE})
    sagemaker.registry.unlisted.add(GROUP)
    sagemaker.logs.add(ENDPOINTS + ENDPOINT)
    for group in SHARED:
        sagemaker.logs.add(group, JOB)


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_missing_permission_is_answered_with_its_reason(
    sagemaker: SageMaker, cloud: Cloud, address: Address, operation: str
) -> None:
    full(sagemaker)
    cloud.faults = [Fault(answer=refusing("AccessDeniedException", 400, "you may not"), operation=operation)]

    said = delete(address, EmptyGroups="true")

    assert said["Status"] == "FAILED"
    assert "AccessDeniedException" in said["Reason"]
    assert operation in said["Reason"]


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("place", range(98))
def test_a_fault_that_passes_at_any_call_changes_nothing(
    sagemaker: SageMaker, cloud: Cloud, address: Address, place: int, *, lost: bool
) -> None:
    full(sagemaker)
    answer = refusing("InternalFailure", 500) if lost else refusing("ThrottlingException", 400)
    cloud.faults = [Fault(answer=answer, place=place, after=lost)]

    said = delete(address, EmptyGroups="true")

    assert said["Status"] == "SUCCESS"
    assert cloud.struck
    assert sagemaker.kept["TrainingJob"][JOB].status == "Stopped"
    assert [sagemaker.names(kind) for kind in ("Endpoint", "EndpointConfig", "Model")] == [[], [], []]
    assert sagemaker.registry.kept == {}
    assert [*sagemaker.logs.kept] == SHARED
    assert [sagemaker.logs.logged(group) for group in SHARED] == [[], [], [], []]


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("operation", ["DeleteModelPackage", "DeleteModelPackageGroup"])
def test_a_version_or_group_in_conflict_is_tried_again(
    sagemaker: SageMaker, cloud: Cloud, address: Address, operation: str
) -> None:
    full(sagemaker)
    cloud.faults = [Fault(answer=refusing("ConflictException"), operation=operation)]
    cloud.wait = lambda call, done: cloud.faults.clear() if call.operation == operation and not done else None

    assert delete(address, EmptyGroups="true")["Status"] == "SUCCESS"
    assert sagemaker.registry.kept == {}


def test_an_outage_without_end_is_given_up_in_time(cloud: Cloud, address: Address, time: Time) -> None:
    cloud.faults = [Fault(answer=refusing("ServiceUnavailable", 503))]

    said = delete(address, 120)

    assert said["Status"] == "FAILED"
    assert "not all jobs could be looked at in time" in said["Reason"]
    assert 85 < (time.now() - Time.present).total_seconds() < 100


@pytest.mark.usefixtures("time")
def test_a_job_that_ends_while_it_is_stopped_is_no_error(sagemaker: SageMaker, cloud: Cloud, address: Address) -> None:
    job = sagemaker.add("TrainingJob", JOB, "InProgress")

    def ends(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "StopTrainingJob" and not done:
            job.status = "Completed"

    cloud.wait = ends

    assert delete(address)["Status"] == "SUCCESS"
    assert job.status == "Completed"


@pytest.mark.usefixtures("time")
def test_an_endpoint_that_begins_to_change_before_it_is_deleted_is_no_error(
    sagemaker: SageMaker, cloud: Cloud, address: Address
) -> None:
    serve(sagemaker)
    endpoint = sagemaker.kept["Endpoint"][ENDPOINT]

    def scales(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "DeleteEndpoint" and not done:
            cloud.wait = lambda *_: None
            endpoint.status, endpoint.ends, endpoint.becomes = "Updating", 3, "InService"

    cloud.wait = scales

    assert delete(address)["Status"] == "SUCCESS"
    assert sagemaker.names("Endpoint") == []
