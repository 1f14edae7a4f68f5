"""The verdict is read where the plan says, and what cannot be read is an error with a name."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from shared import clients
from shared.patience import TRIES
from tests.functions.cloudformation import Time
from tests.functions.training_verdict.conftest import BUCKET, FOLDER, KEY, plan
from training_verdict import handler
from training_verdict.reading import LONGEST_REPORT, EvaluationReportError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

JOB = "mlstack-sandbox-0badcafe"
ASKED = {"TrainingJobName": JOB}
GATE = {"metric": "accuracy", "at_least": 0.8, "at_most": None}
EVALUATED = {"evaluation": {"output": FOLDER}, "gate": GATE}


def reported(s3: "S3Client", text: str | bytes) -> None:
    """The evaluation wrote this."""
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=text)


def described(*metrics: tuple[str, float]) -> dict[str, Any]:
    """A training job as SageMaker describes it."""
    return {
        "TrainingJobName": JOB,
        "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{JOB}",
        "ModelArtifacts": {"S3ModelArtifacts": "s3://models/model.tar.gz"},
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ResourceConfig": {"VolumeSizeInGB": 30},
        "StoppingCondition": {},
        "CreationTime": 0,
        "FinalMetricDataList": [{"MetricName": name, "Value": value, "Timestamp": 0} for name, value in metrics],
    }


def handled(the_plan: dict[str, Any], job: str | None = JOB) -> dict[str, Any]:
    return handler.handle({"plan": the_plan, "trained": {"job": job, "artifacts": "s3://models/model.tar.gz"}}, None)


def test_an_evaluated_model_is_judged_by_its_report(bucket: "S3Client") -> None:
    reported(bucket, json.dumps({"metrics": {"accuracy": 0.93, "loss": 0.2, "note": "x"}, "per_class": {}}))

    verdict = handled(plan(**EVALUATED))

    assert verdict == {
        "passed": True,
        "metric": "accuracy",
        "value": 0.93,
        "wanted": "at least 0.8",
        "reason": "accuracy 0.93 is at least 0.8",
        "report": f"s3://{BUCKET}/{KEY}",
        "metrics": {"accuracy": 0.93, "loss": 0.2},
        "metadata": {"metric": "accuracy", "value": "0.93", "gate": "at least 0.8"},
    }


def test_a_folder_without_its_last_slash_is_the_same(bucket: "S3Client") -> None:
    reported(bucket, '{"metrics": {"accuracy": 0.5}}')

    verdict = handled(plan(evaluation={"output": FOLDER.rstrip("/")}, gate=GATE))

    assert not verdict["passed"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no number"),
        ("{}", "no number"),
        ('{"metrics": {}}', "no number"),
        ('{"metrics": {"accuracy": NaN}}', "no number"),
        ('{"metrics": {"accuracy": "0.9"}}', "no number"),
    ],
)
def test_a_report_that_tells_nothing_is_an_error(bucket: "S3Client", text: str | bytes, words: str) -> None:
    reported(bucket, text)

    with pytest.raises(EvaluationReportError, match=words):
        handled(plan(**EVALUATED))


def test_a_report_without_end_is_not_read(bucket: "S3Client") -> None:
    reported(bucket, b" " * (LONGEST_REPORT + 1))

    with pytest.raises(EvaluationReportError, match="longer than"):
        handled(plan(**EVALUATED))


@pytest.mark.usefixtures("bucket")
def test_a_report_that_was_never_written_is_an_error_that_says_where_to_look() -> None:
    with pytest.raises(EvaluationReportError, match=r"evaluation\.json: its log in /aws/sagemaker/ProcessingJobs"):
        handled(plan(**EVALUATED))


@pytest.mark.usefixtures("aws")
def test_a_bucket_that_is_gone_is_an_error(s3_client: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "s3", lambda: s3_client)

    with pytest.raises(ClientError, match="NoSuchBucket"):
        handled(plan(**EVALUATED))


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("SlowDown", 503), ("InternalError", 500)])
def test_s3_that_does_not_tell_is_an_error(
    s3_client: "S3Client", monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    monkeypatch.setattr(clients, "s3", lambda: s3_client)
    with Stubber(s3_client) as said:
        for _ in range(1 if status == 403 else TRIES):
            said.add_client_error("get_object", code, "no", status)

        with pytest.raises(ClientError, match=code):
            handled(plan(**EVALUATED))
        said.assert_no_pending_responses()


def test_a_model_that_was_not_evaluated_is_judged_by_its_job(sagemaker: Stubber) -> None:
    told = described(("validation:accuracy", 0.8999999761581421), ("train:loss", 0.2))
    sagemaker.add_response("describe_training_job", told, ASKED)

    verdict = handled(plan(gate={"metric": "validation:accuracy", "at_least": 0.9}))

    assert verdict["passed"]
    assert (verdict["value"], verdict["report"]) == (0.9, None)


def test_metrics_that_come_late_are_waited_for(sagemaker: Stubber, time: Time) -> None:
    before = time.now()
    sagemaker.add_response("describe_training_job", described(), ASKED)
    sagemaker.add_response("describe_training_job", described(("accuracy", 0.9)), ASKED)

    assert handled(plan(gate=GATE))["passed"]
    assert time.now() > before


def test_metrics_that_never_come_are_no_pass(sagemaker: Stubber) -> None:
    for _ in range(3):
        sagemaker.add_response("describe_training_job", described(), ASKED)

    verdict = handled(plan(gate=GATE))

    assert (verdict["passed"], verdict["metrics"]) == (False, {})


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ResourceNotFound"])
def test_sagemaker_that_does_not_tell_is_an_error(sagemaker: Stubber, code: str) -> None:
    for _ in range(TRIES if code == "ThrottlingException" else 1):
        sagemaker.add_client_error("describe_training_job", code, "no", 400)

    with pytest.raises(ClientError, match=code):
        handled(plan(gate=GATE))


def test_sagemaker_that_is_busy_for_a_moment_is_waited_for(sagemaker: Stubber, time: Time) -> None:
    before = time.now()
    sagemaker.add_client_error("describe_training_job", "ThrottlingException", "no", 400)
    sagemaker.add_response("describe_training_job", described(("accuracy", 0.9)), ASKED)

    assert handled(plan(gate=GATE))["passed"]
    assert time.now() > before


def test_a_tuned_model_without_a_gate_tells_its_objective(sagemaker: Stubber) -> None:
    told = described(("validation:f1", 0.7), ("validation:accuracy", 0.9))
    sagemaker.add_response("describe_training_job", told, ASKED)
    objective = {"HyperParameterTuningJobObjective": {"MetricName": "validation:f1", "Type": "Maximize"}}

    verdict = handled(plan(tuning={"HyperParameterTuningJobConfig": objective}))

    assert (verdict["metric"], verdict["value"]) == ("validation:f1", 0.7)


@pytest.mark.usefixtures("sagemaker")
@pytest.mark.parametrize("job", ["", None])
def test_a_registered_version_without_evaluation_asks_nobody(job: str | None) -> None:
    assert handled(plan(path="version"), job)["passed"]
