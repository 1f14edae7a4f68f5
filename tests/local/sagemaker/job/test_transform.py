"""Transform jobs ask a model's container about every object."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local.patience import eventually
from tests.local.sagemaker.conftest import Place
from tests.local.sagemaker.job.conftest import ENDED, Desk, Json


@pytest.fixture
def model(desk: Desk, place: Place) -> Iterator[str]:
    name = f"model-{uuid4().hex[:8]}"
    said = {"Image": place.image, "ModelDataUrl": place.model, "Environment": {"SETTING": "model"}}
    desk.sagemaker.create_model(ModelName=name, ExecutionRoleArn=desk.role, PrimaryContainer=said)
    yield name
    desk.sagemaker.delete_model(ModelName=name)


def transform(
    desk: Desk, model: str, prefix: str, *, source: Json | None = None, output: Json | None = None, **more: Any
) -> str:  # noqa: ANN401
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
