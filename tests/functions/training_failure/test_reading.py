"""Whatever a step failed with becomes a short name and one line with the job's own reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_failure.reading import LONGEST_ERROR, LONGEST_REASON, TOO_LONG, read

JOB = "mlstack-sandbox-0badcafe"
QUOTA = (
    "The account-level service limit 'ml.p3.2xlarge for training job usage' is 0 Instances, with current utilization of"
    " 0 Instances and a request delta of 1 Instances."
)
STOPPED = "was stopped, by a person or because it ran as long as it may"
TIMED_OUT = "RequestId: 1 Error: Task timed out after 30.00 seconds"
GATE = "accuracy 0.6 is not at least 0.8"
REFUSED = "An error occurred (AccessDeniedException) when calling the CreateEndpoint operation: you may not"
THROTTLED = (
    "An error occurred (ThrottlingException) when calling the DescribeEndpoint operation (reached max retries: 2): Rate"
    " exceeded"
)


def job(kind: str, status: str, **more: Any) -> dict[str, str]:  # noqa: ANN401 (fields of an answer)
    """A job's Describe answer as Step Functions carries it."""
    told = {f"{kind}Name": JOB, f"{kind}Status": status, "CreationTime": 1763793000000, **more}
    return {"Error": "States.TaskFailed", "Cause": json.dumps(told)}


def function(kind: str, message: str) -> dict[str, str]:
    """A function's exception."""
    return {"Error": kind, "Cause": json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": ["  File"]})}


@pytest.mark.parametrize(
    ("error", "name", "reason"),
    [
        (
            job("TrainingJob", "Failed", FailureReason="AlgorithmError: no label in train/, exit code: 1"),
            "TrainingJobFailed",
            f"training job {JOB} failed: AlgorithmError: no label in train/, exit code: 1",
        ),
        (
            job("TrainingJob", "Failed", FailureReason="AlgorithmError:\nTraceback\n  line 1\n\n"),
            "TrainingJobFailed",
            f"training job {JOB} failed: AlgorithmError: Traceback line 1",
        ),
        (
            job("TrainingJob", "Failed"),
            "TrainingJobFailed",
            f"training job {JOB} failed: SageMaker tells no reason",
        ),
        (
            job("TrainingJob", "Stopped", SecondaryStatus="MaxRuntimeExceeded"),
            "TrainingJobTimedOut",
            f"training job {JOB} was stopped: it ran as long as it may: give it more time with max_run_minutes",
        ),
        (
            job("TrainingJob", "Stopped", SecondaryStatus="MaxWaitTimeExceeded"),
            "TrainingJobTimedOut",
            f"training job {JOB} was stopped: {TOO_LONG['MaxWaitTimeExceeded']}",
        ),
        (
            job("TrainingJob", "Stopped", SecondaryStatus="Stopped"),
            "TrainingJobStopped",
            f"training job {JOB} {STOPPED}",
        ),
        (
            job("HyperParameterTuningJob", "Failed", FailureReason="No training job succeeded after 6 attempts."),
            "TuningJobFailed",
            f"tuning job {JOB} failed: No training job succeeded after 6 attempts.",
        ),
        (
            job("ProcessingJob", "Failed", ExitMessage="evaluate: test/ has no pictures"),
            "ProcessingJobFailed",
            f"processing job {JOB} failed: evaluate: test/ has no pictures",
        ),
        (
            job("TransformJob", "Failed", FailureReason="ClientError: See job logs"),
            "TransformJobFailed",
            f"transform job {JOB} failed: ClientError: See job logs",
        ),
        (
            job("CompilationJob", "FAILED", FailureReason="ClientConfigurationError: InputConfiguration"),
            "CompilationJobFailed",
            f"compilation job {JOB} failed: ClientConfigurationError: InputConfiguration",
        ),
        (job("CompilationJob", "STOPPED"), "CompilationJobStopped", f"compilation job {JOB} {STOPPED}"),
        (
            job("Endpoint", "Failed", FailureReason="The container did not pass the ping health check."),
            "EndpointFailed",
            f"endpoint {JOB} failed: The container did not pass the ping health check.",
        ),
        (job("Endpoint", "OutOfService"), "EndpointFailed", f"endpoint {JOB} is OutOfService"),
        (
            function("RequestError", "train.spot: must be true or false\ngate.metric: is missing\n"),
            "RequestError",
            "train.spot: must be true or false; gate.metric: is missing",
        ),
        (
            function("ClientError", REFUSED),
            "AccessDeniedException",
            "CreateEndpoint: you may not",
        ),
        (
            function("ClientError", THROTTLED),
            "ThrottlingException",
            "DescribeEndpoint: Rate exceeded",
        ),
        (function("Sandbox.Timedout", TIMED_OUT), "Timedout", TIMED_OUT),
        (function("KeyError", ""), "KeyError", "KeyError without a message"),
        (
            {
                "Error": "SageMaker.ResourceLimitExceededException",
                "Cause": f"{QUOTA} (Service: AmazonSageMaker; Status Code: 400; Error Code: ResourceLimitExceeded;"
                " Request ID: 1-2-3; Proxy: null)",
            },
            "ResourceLimitExceeded",
            QUOTA,
        ),
        (
            {
                "Error": "SageMaker.AmazonSageMakerException",
                "Cause": "User: arn:aws:sts::1:assumed-role/x is not authorized (Service: AmazonSageMaker; Status Code:"
                " 400; Error Code: AccessDeniedException; Request ID: 1; Proxy: null)",
            },
            "AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/x is not authorized",
        ),
        (
            {
                "Error": "SageMaker.SageMakerException",
                "Cause": "Could not find model (x). (Service: SageMaker, Status Code: 400, Request ID: 1)",
            },
            "SageMakerException",
            "Could not find model (x).",
        ),
        ({"Error": "States.Timeout"}, "Timeout", "Train did not end in the time that it has"),
        ({"Error": "States.Timeout", "Cause": ""}, "Timeout", "Train did not end in the time that it has"),
        ({"Error": "States.Runtime", "Cause": "Invalid path '$.plan'"}, "Runtime", "Invalid path '$.plan'"),
        ({"Error": "GateNotPassed", "Cause": GATE}, "GateNotPassed", GATE),
        ({}, "Unknown", "Train failed and tells no reason: no error"),
        (None, "Unknown", "Train failed and tells no reason: no error"),
        ({"Error": "Exception", "Cause": None}, "Exception", "Train failed and tells no reason: Exception"),
        ({"Error": "X", "Cause": "[1, 2]"}, "X", "[1, 2]"),
        ({"Error": "X", "Cause": {"Status": "odd"}}, "X", '{"Status": "odd"}'),
    ],
)
def test_a_failure_is_a_name_and_a_line(error: dict[str, Any] | None, name: str, reason: str) -> None:
    assert read("Train", error, JOB).told() == {"error": name, "reason": reason}


def test_a_cause_that_step_functions_cut_off_still_gives_the_reason() -> None:
    whole = json.dumps(
        {
            "TrainingJobName": JOB,
            "TrainingJobStatus": "Failed",
            "FailureReason": 'AlgorithmError: "x"\n',
            "More": "y" * 99,
        }
    )

    told = read("Train", {"Error": "States.TaskFailed", "Cause": whole[:-50]}, JOB).told()

    assert told == {"error": "TrainingJobFailed", "reason": 'AlgorithmError: "x"'}


def test_a_reason_that_is_itself_cut_off_is_told_as_far_as_it_goes() -> None:
    cut = '{"TrainingJobStatus":"Failed","FailureReason":"AlgorithmError: no such fi'

    assert read("Train", {"Error": "States.TaskFailed", "Cause": cut}, JOB).reason == "AlgorithmError: no such fi"


def test_a_tuning_job_that_failed_is_named_for_a_closer_look() -> None:
    assert read("Tune", job("HyperParameterTuningJob", "Failed"), JOB).tuning_job == JOB
    assert read("Tune", job("HyperParameterTuningJob", "Stopped"), JOB).tuning_job is None
    assert read("Train", job("TrainingJob", "Failed"), JOB).tuning_job is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.text() | st.sampled_from(["TrainingJobStatus", "errorMessage", "FailureReason", "Error"]), inner
        )
    ),
    max_leaves=10,
)


@given(
    error=st.none()
    | st.fixed_dictionaries({"Error": st.text() | st.none(), "Cause": st.text() | JSON.map(json.dumps) | JSON}),
    step=st.text(),
    job_name=st.text(),
)
def test_nothing_is_without_a_name_and_a_line_that_fit(error: dict[str, Any] | None, step: str, job_name: str) -> None:
    told = read(step, error, job_name).told()

    assert 0 < len(told["error"]) <= LONGEST_ERROR
    assert len(told["reason"]) <= LONGEST_REASON
    assert "\n" not in told["reason"]
    assert json.dumps(told)
