"""Transform jobs ask a model's container about every object."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local.desk import ENDED, Desk, Json
from tests.local.patience import eventually
from tests.local.sagemaker.conftest import Place


@pytest.fixture
def model(desk: Desk, place: Place) -> Iterator[str]:
    name = f"model-{uuid4().hex[:8]}"
    said = {"Image": place.image, "ModelDataUrl": place.model, "Environment": {"SETTING": "model"}}
    desk.sagemaker.create_model(ModelName=name, ExecutionRoleArn=desk.role, PrimaryContainer=said)
    yield name
    desk.sagemaker.delete_model(ModelName=name)


def transform(
    desk: Desk,
    model: str,
    prefix: str,
    *,
    source: Json | None = None,
    output: Json | None = None,
    **more: Any,  # noqa: ANN401 - a request's fields
) -> str:
    name = f"transform-{uuid4().hex[:8]}"
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": desk.uri(prefix)}}
    desk.sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=model,
        TransformInput={"DataSource": data, **(source or {})},
        TransformOutput={"S3OutputPath": desk.uri(name), **(output or {})},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **more,
    )
    return name


def ended(desk: Desk, name: str) -> Json:
    def look() -> Json | None:
        said: Json = desk.sagemaker.describe_transform_job(TransformJobName=name)
        return said if said["TransformJobStatus"] in ENDED else None

    return eventually(look) or {}


def test_every_object_gets_an_answer(desk: Desk, model: str) -> None:
    desk.put(whole__a_txt="one", whole__deep__b_txt="two")

    job = ended(desk, transform(desk, model, "whole/", source={"ContentType": "text/csv"}))

    name = job["TransformJobName"]
    assert job["TransformJobStatus"] == "Completed"
    assert desk.keys(name) == [f"{name}/a.txt.out", f"{name}/deep/b.txt.out"]
    assert desk.text(f"{name}/a.txt.out") == "the model|model|one"
    assert "request text/csv" in desk.said(name, "TransformJobs")
    assert "[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD" in desk.said(
        name, "TransformJobs"
    )
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]


def test_lines_are_sent_alone_or_together(desk: Desk, model: str) -> None:
    desk.put(lines__a_csv="1\n2\n3\n")
    line, together = {"SplitType": "Line"}, {"AssembleWith": "Line"}

    alone = ended(desk, transform(desk, model, "lines/", source=line, output=together, BatchStrategy="SingleRecord"))
    many = ended(desk, transform(desk, model, "lines/", source=line, output=together))

    said = "the model|model|"
    assert desk.text(f"{alone['TransformJobName']}/a.csv.out") == f"{said}1\n{said}2\n{said}3\n"
    assert desk.text(f"{many['TransformJobName']}/a.csv.out") == f"{said}1\n2\n3\n"


def test_answers_keep_their_order_however_many_are_asked_at_a_time(desk: Desk, model: str) -> None:
    lines = ["sleep 0.3", *map(str, range(8))]
    desk.put(order__a_csv="\n".join(lines))

    job = ended(
        desk,
        transform(
            desk, model, "order/", source={"SplitType": "Line"}, output={"AssembleWith": "Line"},
            BatchStrategy="SingleRecord", MaxConcurrentTransforms=4, MaxPayloadInMB=1,
        ),
    )  # fmt: skip

    answers = desk.text(f"{job['TransformJobName']}/a.csv.out").splitlines()
    assert answers == [f"the model|model|{line}" for line in lines]


def test_several_objects_are_sent_at_a_time(desk: Desk, model: str) -> None:
    desk.put(**{f"many__{number}": "sleep 1" for number in range(4)})

    job = ended(desk, transform(desk, model, "many/", MaxConcurrentTransforms=4, MaxPayloadInMB=1))

    assert len(desk.keys(f"{job['TransformJobName']}/")) == 4
    assert job["TransformEndTime"] - job["TransformStartTime"] < timedelta(seconds=3)


@pytest.mark.parametrize(
    ("body", "reason", "line"),
    [
        ("refuse", "ClientError: See job logs for more information", "bad.txt: ClientError: 422"),
        ("fail", "AlgorithmError: See job logs for more information", "Bad HTTP status received from algorithm: 500"),
        ("crash", "AlgorithmError: See job logs for more information", "Unable to get response from algorithm"),
    ],
)
def test_one_bad_object_fails_the_job_and_the_others_are_stored(
    desk: Desk, model: str, body: str, reason: str, line: str
) -> None:
    folder = f"bad-{body}"
    for name, text in (("bad.txt", body), ("good.txt", "good")):
        desk.s3.put_object(Bucket=desk.bucket, Key=f"{folder}/{name}", Body=text.encode())

    job = ended(desk, transform(desk, model, f"{folder}/", Environment={"SETTING": "job"}))

    name = job["TransformJobName"]
    assert (job["TransformJobStatus"], job["FailureReason"]) == ("Failed", reason)
    assert desk.keys(f"{name}/") == [f"{name}/good.txt.out"]
    assert desk.text(f"{name}/good.txt.out") == "the model|job|good"
    assert any(said.endswith(line) for said in desk.said(name, "TransformJobs"))


def test_a_stopped_transform_job_stores_nothing(desk: Desk, model: str) -> None:
    desk.put(slow__a="quick", slow__b="sleep 60")
    name = transform(desk, model, "slow/")
    desk.running(name)

    desk.sagemaker.stop_transform_job(TransformJobName=name)
    job = ended(desk, name)

    assert job["TransformJobStatus"] == "Stopped"
    assert desk.keys(f"{name}/") == []
    assert not [one for one in desk.aws.report()["containers"].values() if one["owner"] == name]
    with pytest.raises(ClientError, match="rejected because the transform job is in status Stopped"):
        desk.sagemaker.stop_transform_job(TransformJobName=name)


@pytest.mark.parametrize(
    ("container", "more", "reason"),
    [
        ({"Environment": {"ENDS": "yes"}}, {}, "AlgorithmError: See job logs for more information"),
        ({"Image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/x:1"}, {}, "the local AWS cannot run 763104351884"),
        ({}, {"source": {"SplitType": "RecordIO"}}, "the local AWS cannot split RecordIO"),
        ({}, {"DataProcessing": {"JoinSource": "Input"}}, "the local AWS cannot filter or join records"),
        ({}, {"source": {"CompressionType": "Gzip"}}, "ClientError: See job logs for more information"),
    ],
)
def test_what_does_not_run_fails_the_job(desk: Desk, place: Place, container: Json, more: Json, reason: str) -> None:
    desk.put(plain__a="one")
    name = f"model-{uuid4().hex[:8]}"
    said = {"Image": place.image, "ModelDataUrl": place.model, **container}
    desk.sagemaker.create_model(ModelName=name, ExecutionRoleArn=desk.role, PrimaryContainer=said)

    job = ended(desk, transform(desk, name, "plain/", **more))

    desk.sagemaker.delete_model(ModelName=name)
    assert job["FailureReason"].startswith(reason)
    assert job["TransformJobName"] not in desk.aws.report()["endpoints"]


def test_what_cannot_be_transformed_is_refused(desk: Desk, model: str) -> None:
    desk.put(plain__a="one")
    with pytest.raises(ClientError, match=r"\(ValidationException\).*No S3 objects found under"):
        transform(desk, model, "nothing/")
    with pytest.raises(ClientError, match="Could not find model"):
        transform(desk, "no-model", "plain/")
    with pytest.raises(ClientError, match="must not exceed 100 MB"):
        transform(desk, model, "plain/", MaxPayloadInMB=60, MaxConcurrentTransforms=2)
    with pytest.raises(ClientError, match="Could not find requested job with name: nobody"):
        desk.sagemaker.describe_transform_job(TransformJobName="nobody")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("", "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"),
        (
            '{"MaxConcurrentTransforms": 3, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 2}',
            "MaxConcurrentTransforms=3, MaxPayloadInMB=2, BatchStrategy=SINGLE_RECORD",
        ),
    ],
)
def test_a_container_says_how_it_wants_to_be_asked(desk: Desk, place: Place, said: str, line: str) -> None:
    desk.put(plain__a="one")
    name = f"model-{uuid4().hex[:8]}"
    container = {"Image": place.image, "Environment": {"PARAMETERS": said}}
    desk.sagemaker.create_model(ModelName=name, ExecutionRoleArn=desk.role, PrimaryContainer=container)

    job = ended(desk, transform(desk, name, "plain/"))

    desk.sagemaker.delete_model(ModelName=name)
    assert job["TransformJobStatus"] == "Completed"
    assert f"[sagemaker logs]: {line}" in desk.said(job["TransformJobName"], "TransformJobs")


def test_ill_execution_parameters_fail_the_job(desk: Desk, place: Place) -> None:
    desk.put(plain__a="one")
    name = f"model-{uuid4().hex[:8]}"
    container = {"Image": place.image, "Environment": {"PARAMETERS": '{"BatchStrategy": "all"}'}}
    desk.sagemaker.create_model(ModelName=name, ExecutionRoleArn=desk.role, PrimaryContainer=container)

    job = ended(desk, transform(desk, name, "plain/"))

    desk.sagemaker.delete_model(ModelName=name)
    assert job["FailureReason"].startswith("ClientError: the container's /execution-parameters say {'BatchStr")
