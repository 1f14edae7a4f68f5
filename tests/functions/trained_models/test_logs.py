"""With the stage go the logs of its own endpoints and jobs, and no line of anybody else's."""

from itertools import count

import pytest

from tests.functions.cloudformation import Address, Time
from tests.functions.shared.cloud import Call, Cloud, Fault, refusing
from tests.functions.trained_models.conftest import JOB, TAGS
from tests.functions.trained_models.sagemaker import SageMaker
from tests.functions.trained_models.test_handler import ENDPOINT, delete

ENDPOINTS = "/aws/sagemaker/Endpoints/"
SHARED = [f"/aws/sagemaker/{kind}Jobs" for kind in ("Compilation", "Processing", "Training", "Transform")]
TRAINING = "/aws/sagemaker/TrainingJobs"


@pytest.mark.usefixtures("time", "cloud")
def test_the_logs_of_an_endpoint_go_with_it(sagemaker: SageMaker, address: Address) -> None:
    sagemaker.add("Endpoint", ENDPOINT, "InService", TAGS)
    sagemaker.logs.add(ENDPOINTS + ENDPOINT, "Main/i-1")
    sagemaker.logs.add(f"{ENDPOINTS}mlstack-sandbox-deleted-before", "Main/i-2")

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert sagemaker.logs.kept == {}


@pytest.mark.usefixtures("time", "cloud")
@pytest.mark.parametrize(
    ("group", "tags"),
    [
        (f"{ENDPOINTS}mlstack-sandbox-of-a-stack", {"owner": "me"}),
        (f"{ENDPOINTS}mlstack-sandbox2-sorter", {}),
        (f"{ENDPOINTS}mlstack-sandbox", {}),
        (f"{ENDPOINTS}sorter", {}),
        (f"/aws/sagemaker/InferenceComponents/{ENDPOINT}", {}),
        (f"/aws/lambda/{ENDPOINT}", {}),
        (f"/aws/sagemaker/NotebookInstances/{JOB}", {}),
    ],
)
def test_a_log_group_of_others_stays(sagemaker: SageMaker, address: Address, group: str, tags: dict[str, str]) -> None:
    sagemaker.logs.add(group, f"{JOB}/algo-1-1700000000", **tags)

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert sagemaker.logs.logged(group) == [f"{JOB}/algo-1-1700000000"]


@pytest.mark.usefixtures("time", "cloud")
@pytest.mark.parametrize("tags", [{}, {"mlstack:stage": "sandbox-b", "mlstack:execution": "first"}])
def test_an_endpoint_that_serves_on_keeps_its_logs(
    sagemaker: SageMaker, address: Address, tags: dict[str, str]
) -> None:
    name = "mlstack-sandbox-b-sorter"
    for other in ("mlstack-sandbox-a", "mlstack-sandbox-b", name):
        sagemaker.add("Endpoint", other, "InService", tags)
    sagemaker.logs.add(ENDPOINTS + name, "Main/i-1")

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert sagemaker.logs.logged(ENDPOINTS + name) == ["Main/i-1"]


@pytest.mark.usefixtures("time", "cloud")
@pytest.mark.parametrize("group", SHARED)
@pytest.mark.parametrize(
    "stream",
    [
        JOB,
        f"{JOB}/algo-1-1700000000",
        f"{JOB}/i-0123456789abcdef0-1700000000/data-log",
        f"{JOB}-001-1a2b3c4d/algo-1-1700000000",
        f"{JOB}-1000-1a2b3c4d/algo-2-1700000000",
    ],
)
def test_what_a_job_of_the_stage_logged_goes_and_the_group_stays(
    sagemaker: SageMaker, address: Address, group: str, stream: str
) -> None:
    sagemaker.logs.add(group, "of-others/algo-1-1700000000", stream)

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert sagemaker.logs.logged(group) == ["of-others/algo-1-1700000000"]


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize(
    "job",
    [
        "mlstack-sandbox-b-0badcafe",
        "mlstack-sandbox-b-0badcafe-001-1a2b3c4d",
        "mlstack-sandbox-0badcafe-0badcafe",
        "mlstack-sandbox2-0badcafe",
        "mlstack-sandbox-my-own",
        "mlstack-sandbox-0badcafe-01-1a2b3c4d",
        "mlstack-sandbox-0badcafe-001-1a2b3c4d-001-1a2b3c4d",
        "mlstack-sandbox-0badcafe0",
        "my-mlstack-sandbox-0badcafe",
    ],
)
def test_what_a_job_of_others_logged_stays(sagemaker: SageMaker, cloud: Cloud, address: Address, job: str) -> None:
    sagemaker.logs.add(TRAINING, f"{job}/algo-1-1700000000", f"{job}/{JOB}")

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert len(sagemaker.logs.logged(TRAINING)) == 2
    assert all(not call.operation.startswith("Delete") for call in cloud.calls)


@pytest.mark.usefixtures("time", "cloud")
def test_more_than_a_page_of_logs_goes(sagemaker: SageMaker, address: Address) -> None:
    for number in range(7):
        sagemaker.logs.add(f"{ENDPOINTS}{ENDPOINT}{number}")
        sagemaker.logs.add(f"{ENDPOINTS}{ENDPOINT}{number}-of-a-stack", owner="me")
    for group in SHARED:
        sagemaker.logs.add(group, *(f"mlstack-sandbox-{number:08x}/algo-1-1700000000" for number in range(7)))

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert len([name for name in sagemaker.logs.kept if name.startswith(ENDPOINTS)]) == 7
    assert [sagemaker.logs.logged(group) for group in SHARED] == [[], [], [], []]


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("operation", ["DeleteLogGroup", "DeleteLogStream"])
@pytest.mark.parametrize("code", ["OperationAbortedException", "ResourceNotFoundException"])
def test_logs_that_are_being_changed_are_looked_at_again(
    sagemaker: SageMaker, cloud: Cloud, address: Address, operation: str, code: str
) -> None:
    sagemaker.logs.add(ENDPOINTS + ENDPOINT)
    sagemaker.logs.add(TRAINING, JOB)
    cloud.faults = [Fault(answer=refusing(code), operation=operation)]
    tries = count(1)

    def passes(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == operation and not done and next(tries) == 3:
            cloud.faults = []

    cloud.wait = passes

    said = delete(address)

    assert said["Status"] == "SUCCESS"
    assert len(cloud.struck) == 3
    assert list(sagemaker.logs.kept) == [TRAINING]
    assert sagemaker.logs.logged(TRAINING) == []


@pytest.mark.usefixtures("time")
def test_a_log_group_that_goes_before_its_tags_are_read_is_no_error(
    sagemaker: SageMaker, cloud: Cloud, address: Address
) -> None:
    sagemaker.logs.add(ENDPOINTS + ENDPOINT, owner="me")

    def goes(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "ListTagsForResource" and not done:
            sagemaker.logs.kept.clear()

    cloud.wait = goes

    assert delete(address)["Status"] == "SUCCESS"


def test_logs_for_which_there_is_no_time_are_told_and_the_next_deletion_goes_on(
    sagemaker: SageMaker, cloud: Cloud, address: Address, time: Time
) -> None:
    streams = [f"mlstack-sandbox-{number:08x}/algo-1-1700000000" for number in range(300)]
    sagemaker.logs.add(TRAINING, *streams)

    def takes(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        time.sleep(1 if call.operation == "DeleteLogStream" and not done else 0)

    cloud.wait = takes
    late = delete(address, 120)
    took, left = (time.now() - Time.present).total_seconds(), len(sagemaker.logs.logged(TRAINING))

    again = delete(address)

    assert late["Status"] == "FAILED"
    assert "not all log streams could be looked at in time" in late["Reason"]
    assert 85 < took < 95
    assert 0 < left < 300
    assert again["Status"] == "SUCCESS"
    assert sagemaker.logs.logged(TRAINING) == []


def test_log_groups_for_which_there_is_no_time_are_told(
    sagemaker: SageMaker, cloud: Cloud, address: Address, time: Time
) -> None:
    for number in range(60):
        sagemaker.logs.add(f"{ENDPOINTS}{ENDPOINT}{number}", owner="me")

    def takes(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        time.sleep(4 if call.operation == "ListTagsForResource" and not done else 0)

    cloud.wait = takes

    said = delete(address, 120)

    assert said["Status"] == "FAILED"
    assert "not all log groups could be looked at in time" in said["Reason"]
    assert 85 < (time.now() - Time.present).total_seconds() < 100
