"""The project's own server and worker in a service: a request that lies in a bucket is answered there."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.project import ROOT
from tests.local.builds import project, run
from tests.local.ecs.programs import PING
from tests.local.ecs.shop import Shop
from tests.local.fake_image import BUILDSPEC
from tests.local.packing import zipped_folder
from tests.local.patience import eventually

CONTAINERS = ROOT / "containers"
STARTER = CONTAINERS / "inference" / "starter" / "model.tar.gz"
PHOTO = next((ROOT / "examples" / "photos").glob("*.jpg"))
BUCKET, MODEL = "own-images", "/model"
Json = dict[str, Any]


@pytest.fixture
def images(local_aws: LocalAws) -> Iterator[dict[str, str]]:
    """The URIs of the project's own images; the model lies in their bucket."""
    s3, codebuild, ecr = (local_aws.client(name) for name in ("s3", "codebuild", "ecr"))
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=STARTER.read_bytes())
    uris: dict[str, str] = {}
    for name in ("inference", "worker"):
        s3.put_object(Bucket=BUCKET, Key=f"{name}.zip", Body=zipped_folder(CONTAINERS / name))
        uri = ecr.create_repository(repositoryName=f"own/{name}")["repository"]["repositoryUri"]
        codebuild.create_project(name=name, **project(f"{BUCKET}/{name}.zip", BUILDSPEC, IMAGE_REPOSITORY_URI=uri))
        assert run(local_aws, name, "v1")["buildStatus"] == "SUCCEEDED"
        uris[name] = f"{uri}:v1"
    yield uris
    for name in uris:
        codebuild.delete_project(name=name)
        ecr.delete_repository(repositoryName=f"own/{name}", force=True)
    for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def queue(local_aws: LocalAws) -> Iterator[str]:
    sqs = local_aws.client("sqs")
    url = sqs.create_queue(QueueName="own-images")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def _environment(**said: str) -> list[Json]:
    return [{"name": name, "value": value} for name, value in said.items()]


def _mount(*, read_only: bool) -> list[Json]:
    return [{"sourceVolume": "model", "containerPath": MODEL, "readOnly": read_only}]


@pytest.fixture
def definition(shop: Shop, images: dict[str, str], queue: str) -> str:
    """The three containers of a service, as the project's stack defines them."""
    s3 = f"s3://{BUCKET}/labels"
    model = shop.container(
        "model",
        "model",
        image=images["worker"],
        essential=False,
        environment=_environment(MODEL_URI=f"s3://{BUCKET}/model.tar.gz", MODEL_DIR=MODEL),
        mountPoints=_mount(read_only=False),
    )
    server = shop.container(
        "server",
        image=images["inference"],
        environment=_environment(SM_MODEL_DIR=MODEL, SAGEMAKER_BIND_TO_PORT="8080"),
        mountPoints=_mount(read_only=True),
        portMappings=[{"containerPort": 8080}],
        dependsOn=[{"containerName": "model", "condition": "SUCCESS"}],
        healthCheck={"command": ["CMD", "python", "-c", PING], "interval": 10, "startPeriod": 60},
    )
    carrier = shop.container(
        "queue",
        "queue",
        image=images["worker"],
        environment=_environment(
            QUEUE_URL=queue,
            SERVER_PORT="8080",
            REQUESTS=f"{s3}/requests/",
            ANSWERS=f"{s3}/answers/",
            FAILURES=f"{s3}/failures/",
            CONCURRENCY="2",
        ),
        dependsOn=[{"containerName": "server", "condition": "HEALTHY"}],
        stopTimeout=60,
    )
    return shop.definition(model, server, carrier, volumes=[{"name": "model"}], cpu="1024", memory="2048")


def _ask(aws: LocalAws, queue: str, key: str, body: bytes) -> None:
    """Put a request into the bucket, and tell the queue as EventBridge does."""
    put = aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="image/jpeg")
    detail = {"bucket": {"name": BUCKET}, "object": {"key": key, "etag": put["ETag"].strip('"'), "size": len(body)}}
    event = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}
    aws.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(event))


def _read(aws: LocalAws, key: str) -> Json | None:
    with suppress(ClientError):
        return dict(json.loads(aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()))
    return None


def test_request_in_a_bucket_is_answered_there(local_aws: LocalAws, shop: Shop, definition: str, queue: str) -> None:
    name = shop.service(definition)
    shop.steady(name)

    _ask(local_aws, queue, "labels/requests/photo.jpg", PHOTO.read_bytes())
    _ask(local_aws, queue, "labels/requests/none.jpg", b"no photo")

    answer = eventually(lambda: _read(local_aws, "labels/answers/photo.jpg.json"))
    failure = eventually(lambda: _read(local_aws, "labels/failures/none.jpg.json"))
    assert answer is not None
    assert failure is not None
    assert sum(one["score"] for one in answer["predictions"]) == pytest.approx(1, abs=0.01)
    assert failure["status"] in {400, 415, 422}
    shop.ecs.update_service(cluster=shop.cluster, service=name, desiredCount=0)
    assert shop.steady(name)["runningCount"] == 0
    [stopped] = shop.ecs.list_tasks(cluster=shop.cluster, serviceName=name, desiredStatus="STOPPED")["taskArns"]
    codes = {one["name"]: one["exitCode"] for one in shop.reached(stopped, "STOPPED")["containers"]}
    assert codes == {"model": 0, "server": 0, "queue": 0}
