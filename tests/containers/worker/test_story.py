"""A task of a service, with its three containers as processes: the model is fetched, served, and asked over a queue."""

import json
from pathlib import Path

from tests.containers.aws_lab import Aws
from tests.containers.inference import pictures, server_lab
from tests.containers.worker import worker_lab
from tests.containers.worker.worker_lab import ANSWERS, BUCKET, FAILURES, REQUESTS, body, until

MODEL = "ecs/runs/first/model.tar.gz"
STARTER = server_lab.SOURCE / "starter" / "model.tar.gz"


def test_service_answers_requests_from_its_queue_with_a_model_from_s3(aws: Aws, tmp_path: Path) -> None:
    aws.s3.create_bucket(Bucket=BUCKET)
    aws.s3.upload_file(str(STARTER), BUCKET, MODEL)
    dead = aws.sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = aws.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    url = aws.sqs.create_queue(QueueName="queue", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    picture = (worker_lab.ROOT / "examples" / "waste" / "compost-1.jpg").read_bytes()
    aws.s3.put_object(Bucket=BUCKET, Key=f"{REQUESTS}a b/ü.jpg", Body=picture, ContentType="image/jpeg")
    aws.s3.put_object(Bucket=BUCKET, Key=f"{REQUESTS}untold", Body=pictures.plain("red"))
    aws.s3.put_object(Bucket=BUCKET, Key=f"{REQUESTS}text", Body=b"hello", ContentType="text/plain")
    for name in ("a b/ü.jpg", "untold", "text", "gone"):
        aws.sqs.send_message(QueueUrl=url, MessageBody=body(f"{REQUESTS}{name}"))

    fetched = worker_lab.ran(
        "model", {**aws.environment, "MODEL_URI": f"s3://{BUCKET}/{MODEL}", "MODEL_DIR": str(tmp_path / "model")}
    )
    with server_lab.serving(tmp_path / "model") as server:
        told = {
            **aws.environment,
            "QUEUE_URL": url,
            "SERVER_PORT": str(server.port),
            "REQUESTS": f"s3://{BUCKET}/{REQUESTS}",
            "ANSWERS": f"s3://{BUCKET}/{ANSWERS}",
            "FAILURES": f"s3://{BUCKET}/{FAILURES}",
            "POLL_SECONDS": "1",
        }
        with worker_lab.working("queue", told) as worker:
            until(lambda: sum(name in {"answered", "refused"} for name in worker.events()) == 4)
            worker.stop()
            ended = worker.ended()

    assert (fetched.code, fetched.said) == (0, "")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "config.json",
        "model.onnx",
        "preprocessor_config.json",
    ]
    assert (ended.code, ended.said) == (0, "")
    answer = aws.s3.get_object(Bucket=BUCKET, Key=f"{ANSWERS}a b/ü.jpg.json")
    assert json.loads(answer["Body"].read())["predictions"][0]["label"] == "compost"
    assert (answer["ContentType"], answer["Metadata"]) == ("application/json", {})
    listed = [one["Key"] for one in aws.s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert f"{ANSWERS}untold.json" in listed
    failures = {
        name: json.loads(aws.s3.get_object(Bucket=BUCKET, Key=f"{FAILURES}{name}.json")["Body"].read())
        for name in ("text", "gone")
    }
    assert failures["text"]["request"] == f"s3://{BUCKET}/{REQUESTS}text"
    assert (failures["text"]["status"], failures["text"]["error"]["code"]) == (415, "wrong_content_type")
    assert (failures["gone"]["status"], failures["gone"]["error"]["code"]) == (404, "gone")
    counts = aws.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    assert set(counts.values()) == {"0"}
    assert [line["event"] for line in ended.lines][-2:] == ["draining", "stopped"]
