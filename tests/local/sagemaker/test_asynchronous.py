"""Asynchronous requests are taken at once, answered into S3 and announced."""

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.local.patience import eventually
from tests.local.sagemaker.conftest import INSTANCE, Hosting, Json

DIMENSION = "sagemaker:variant:DesiredInstanceCount"


@pytest.fixture
def announced(hosting: Hosting) -> Iterator[tuple[str, str]]:
    """A topic and a queue that hears it."""
    sns, sqs = hosting.aws.client("sns"), hosting.aws.client("sqs")
    topic = sns.create_topic(Name="answers")["TopicArn"]
    url = sqs.create_queue(QueueName="answers")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    attributes = {"RawMessageDelivery": "true"}
    subscribed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    yield topic, url
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    sns.delete_topic(TopicArn=topic)
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def endpoint(hosting: Hosting, announced: tuple[str, str]) -> str:
    """An asynchronous endpoint."""
    said = {
        "S3OutputPath": f"s3://{hosting.place.bucket}/answers/",
        "S3FailurePath": f"s3://{hosting.place.bucket}/failures",
        "NotificationConfig": {"SuccessTopic": announced[0], "ErrorTopic": announced[0]},
    }
    made = {"OutputConfig": said, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2}}
    config = hosting.config({**INSTANCE, "ModelName": hosting.model()}, AsyncInferenceConfig=made)
    return str(hosting.endpoint(config)["EndpointName"])


def ask(hosting: Hosting, endpoint: str, body: str = "hi", **more: object) -> Json:
    """Put a request into S3 and hand it over."""
    hosting.aws.client("s3").put_object(Bucket=hosting.place.bucket, Key="asked", Body=body.encode())
    runtime = hosting.aws.client("sagemaker-runtime")
    asked = {"InputLocation": f"s3://{hosting.place.bucket}/asked", "ContentType": "image/png", **more}
    said: Json = runtime.invoke_endpoint_async(EndpointName=endpoint, **asked)
    return said


def read(hosting: Hosting, uri: str) -> str:
    """An object, once it is there."""

    def look() -> str:
        try:
            key = uri.removeprefix(f"s3://{hosting.place.bucket}/")
            body: bytes = hosting.aws.client("s3").get_object(Bucket=hosting.place.bucket, Key=key)["Body"].read()
        except ClientError:
            return ""
        return body.decode()

    return eventually(look)


def heard(hosting: Hosting, url: str) -> Json:
    """The next announcement."""
    sqs = hosting.aws.client("sqs")
    [message] = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages", []))
    said: Json = json.loads(message["Body"])
    return said


def test_an_answer_lies_in_s3_and_is_announced(hosting: Hosting, endpoint: str, announced: tuple[str, str]) -> None:
    asked = ask(hosting, endpoint, InferenceId="number-1", Accept="text/x")

    answer, told = read(hosting, asked["OutputLocation"]), heard(hosting, announced[1])

    assert asked["InferenceId"] == "number-1"
    assert asked["OutputLocation"] == f"s3://{hosting.place.bucket}/answers/number-1.out"
    assert answer == "the model||hi"
    assert told["invocationStatus"] == "Completed"
    assert told["requestParameters"] == {
        "contentType": "image/png",
        "endpointName": endpoint,
        "inputLocation": f"s3://{hosting.place.bucket}/asked",
    }
    assert told["responseParameters"] == {"contentType": "text/x", "outputLocation": asked["OutputLocation"]}
    assert hosting.aws.report()["endpoints"][endpoint]["invocations"] == 1


def test_a_failure_lies_in_s3_and_is_announced(hosting: Hosting, endpoint: str, announced: tuple[str, str]) -> None:
    asked = ask(hosting, endpoint, "refuse")

    why, told = read(hosting, asked["FailureLocation"]), heard(hosting, announced[1])

    assert asked["FailureLocation"].startswith(f"s3://{hosting.place.bucket}/failures/{asked['InferenceId']}")
    assert "Received client error (422) from primary" in why
    assert (told["invocationStatus"], told["failureReason"]) == ("Failed", why)


def test_a_request_can_bring_its_body_and_name_its_answer(hosting: Hosting, endpoint: str) -> None:
    runtime = hosting.aws.client("sagemaker-runtime")
    asked = runtime.invoke_endpoint_async(
        EndpointName=endpoint, Body=b"inline", Filename="mine.json", S3OutputPathExtension="today"
    )

    assert asked["OutputLocation"] == f"s3://{hosting.place.bucket}/answers/today/mine.json"
    assert read(hosting, asked["OutputLocation"]) == "the model||inline"


def test_an_input_that_is_not_there_is_a_failure(hosting: Hosting, endpoint: str) -> None:
    asked = ask(hosting, endpoint, InputLocation=f"s3://{hosting.place.bucket}/nothing")

    assert "Failed to download" in read(hosting, asked["FailureLocation"])


def test_requests_that_do_not_fit_are_refused(hosting: Hosting, endpoint: str) -> None:
    runtime = hosting.aws.client("sagemaker-runtime")

    with pytest.raises(ClientError, match="takes InvokeEndpointAsync alone"):
        hosting.ask(endpoint)
    with pytest.raises(ClientError, match="Exactly one of InputLocation and Body"):
        runtime.invoke_endpoint_async(EndpointName=endpoint)
    with pytest.raises(ClientError, match="must be an S3 URI"):
        ask(hosting, endpoint, InputLocation="https://x")
    with pytest.raises(ClientError, match="no number of seconds from 1 to 3600"):
        ask(hosting, endpoint, InvocationTimeoutSeconds=4000)


def test_an_endpoint_without_instances_waits_or_scales_out(hosting: Hosting, endpoint: str) -> None:
    scaling = hosting.aws.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/AllTraffic",
        "ScalableDimension": DIMENSION,
    }
    none = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 0}]
    hosting.sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=none)
    empty = hosting.settled(endpoint)["ProductionVariants"][0]["CurrentInstanceCount"]
    idle = hosting.aws.report()["containers"]

    asked = ask(hosting, endpoint)
    scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=1)
    answer = read(hosting, asked["OutputLocation"])
    scaling.deregister_scalable_target(**target)

    assert (empty, idle) == (0, {})
    assert answer == "the model||hi"
    assert hosting.settled(endpoint)["ProductionVariants"][0]["CurrentInstanceCount"] == 1
