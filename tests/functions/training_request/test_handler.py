"""The function from its event to its plan, in an AWS inside this process."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import training_request.settings
from shared import clients
from shared.training_run import job_name
from tests.functions.training_request.conftest import LABELS, Json, train
from training_request import handler
from training_request.problems import RequestError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SETTINGS = {
    "models": ["waste-sorter"],
    "accelerator": "cpu",
    "algorithms": ["xgboost"],
    "instance_types": ["ml.m5.xlarge"],
    "max_instances": 2,
    "max_run_minutes": 120,
    "max_tuning_jobs": 10,
    "tags": {"cost-centre": "ml-sandbox"},
    "max_usd": 1.5,
}
ENVIRONMENT = {
    "STAGE": "sandbox",
    "AWS_REGION": "us-east-1",
    "SETTINGS": json.dumps(SETTINGS),
    "TRAINING_IMAGE": "123456789012.dkr.ecr.us-east-1.amazonaws.com/training:1",
    "INFERENCE_IMAGE": "123456789012.dkr.ecr.us-east-1.amazonaws.com/inference:1",
    "DATASETS_BUCKET": "datasets",
    "MODELS_BUCKET": "models",
    "JOB_ROLE_ARN": "arn:aws:iam::123456789012:role/jobs",
}


class FewQuotas:
    """Service Quotas, which moto has only for networks."""

    def list_service_quotas(self, **_: object) -> Json:
        kinds = ("spot training", "training", "processing", "transform")
        names = [f"ml.m5.xlarge for {kind} job usage" for kind in kinds]
        names.append("Maximum total concurrency that can be allocated across all serverless endpoints")
        return {"Quotas": [{"QuotaName": name, "QuotaCode": "L-1", "Value": 10} for name in names]}

    def list_aws_default_service_quotas(self, **_: object) -> Json:
        return self.list_service_quotas()


@pytest.fixture
def s3(aws: None, monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":  # noqa: ARG001 (moto must run)
    """The stage's buckets, with pictures in one of them."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in ("s3", "sagemaker"):
        client = boto3.client(name, region_name="us-east-1")  # type: ignore[call-overload]  # one of two
        monkeypatch.setattr(clients, name, lambda client=client: client)
    monkeypatch.setattr(clients, "service_quotas", FewQuotas)
    training_request.settings.settings.cache_clear()
    s3 = clients.s3()
    for bucket in ("datasets", "models"):
        s3.create_bucket(Bucket=bucket)
    for part in ("train", "test"):
        for label in LABELS:
            s3.put_object(Bucket="datasets", Key=f"waste/{part}/{label}/1.png", Body=b"a picture")
    yield s3
    training_request.settings.settings.cache_clear()


def handled(request: object, execution: str = "first") -> dict[str, Any]:
    return handler.handle({"request": request, "execution": execution}, None)


WHOLE = train() | {
    "gate": {"metric": "accuracy", "at_least": 0.8},
    "approval": "automatic",
    "deploy": {"endpoint": "waste-sorter"},
}


@pytest.mark.usefixtures("s3")
def test_a_request_is_planned_as_json() -> None:
    plan = json.loads(json.dumps(handled(WHOLE), allow_nan=False))

    assert plan["job"] == job_name("sandbox", "first")
    assert plan["deploy"]["endpoint"] == "mlstack-sandbox-waste-sorter"
    assert plan["price"]["at_most_usd"] == "0.46"
    assert plan["warnings"] == []


@pytest.mark.usefixtures("s3")
def test_the_same_request_is_planned_alike() -> None:
    assert handled(WHOLE) == handled(WHOLE)


@pytest.mark.usefixtures("s3")
def test_a_refusal_is_one_error_with_a_line_for_each_reason() -> None:
    request = train(data={"train": "s3://datasets/nothing/"}, instances=9, max_run_minutes=121)

    with pytest.raises(RequestError) as refusal:
        handled(request)

    assert str(refusal.value).splitlines() == [
        "train.instances: must be a whole number from 1 to 2, not 9",
        "train.max_run_minutes: must be a whole number from 1 to 120, not 121",
        (
            "train.data.train: there is no data under s3://datasets/nothing/; "
            "upload it, as with `aws s3 sync FOLDER s3://datasets/nothing/`"
        ),
    ]


@pytest.mark.usefixtures("s3")
def test_the_stages_limit_of_money_holds() -> None:
    with pytest.raises(RequestError, match=r"^price: may be 1.61 USD \(tune 1.38 and evaluate 0.23\)"):
        handled(
            {
                "model": "waste-sorter",
                "tune": {**train()["train"], "ranges": {"epochs": {"kind": "integer", "min": 1, "max": 9}}},
            }
        )


@pytest.mark.usefixtures("s3")
def test_a_version_is_looked_for_in_its_group() -> None:
    sagemaker = clients.sagemaker()
    sagemaker.create_model_package_group(ModelPackageGroupName="mlstack-sandbox-waste-sorter")
    sagemaker.create_model_package(
        ModelPackageGroupName="mlstack-sandbox-waste-sorter",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": "image", "ModelDataUrl": "s3://models/model.tar.gz"}],
            "SupportedContentTypes": ["image/png"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )

    with pytest.raises(RequestError, match=r"^version: version 1 of waste-sorter waits for approval, and only"):
        handled({"model": "waste-sorter", "version": 1, "deploy": {"endpoint": "waste-sorter"}})
    with pytest.raises(RequestError, match=r"^version: waste-sorter has no version 2; it has 1$"):
        handled({"model": "waste-sorter", "version": 2, "deploy": {"endpoint": "waste-sorter"}})
