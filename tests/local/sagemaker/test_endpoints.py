"""Endpoints come up, answer, change without a gap and go."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local.patience import eventually
from tests.local.sagemaker.conftest import INSTANCE, ROLE, SERVERLESS, Hosting, Json

FOREIGN = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"


def test_an_endpoint_answers_for_its_model(hosting: Hosting) -> None:
    model = hosting.model(Environment={"SETTING": "set"})
    made = hosting.endpoint(hosting.config({**INSTANCE, "ModelName": model}))

    runtime = hosting.aws.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(
        EndpointName=made["EndpointName"], Body=b"hi", ContentType="image/jpeg", Accept="a/b", CustomAttributes="c=1"
    )

    report, log = hosting.aws.report(), hosting.aws.client("logs")
    lines = log.filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{made['EndpointName']}")["events"]
    [variant] = made["ProductionVariants"]
    assert answer["Body"].read() == b"the model|set|hi"
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("a/b", "AllTraffic")
    assert answer["CustomAttributes"] == "c=1"
    assert (variant["CurrentInstanceCount"], variant["DeployedImages"][0]["SpecifiedImage"]) == (1, hosting.place.image)
    assert {"hello from the container", "request image/jpeg"} <= {line["message"] for line in lines}
    assert all(line["logStreamName"].startswith("AllTraffic/i-") for line in lines)
    assert report["endpoints"][made["EndpointName"]] == {
        "hosting": "classic",
        "runs_on": hosting.place.image,
        "invocations": 1,
        "errors": 0,
        "cold_starts": 0,
    }
    assert made["EndpointName"] in {one["owner"] for one in report["containers"].values()}


@pytest.mark.parametrize(("body", "status", "kind"), [("refuse", 422, "client"), ("fail", 500, "server")])
def test_a_containers_error_is_a_model_error(hosting: Hosting, body: str, status: int, kind: str) -> None:
    name = hosting.endpoint(hosting.config({**SERVERLESS, "ModelName": hosting.model()}))["EndpointName"]

    with pytest.raises(ClientError) as caught:
        hosting.ask(name, body)

    said = caught.value.response
    assert (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]) == ("ModelError", 424)
    assert (said["OriginalStatusCode"], said["OriginalMessage"]) == (status, f"the model||{body}")  # type: ignore[typeddict-item]  # the operation's own
    assert said["LogStreamArn"].endswith(f":log-group:/aws/sagemaker/Endpoints/{name}")  # type: ignore[typeddict-item]  # the same
    assert f"Received {kind} error ({status}) from primary" in said["Error"]["Message"]


def test_a_serverless_endpoint_starts_cold_and_takes_so_many_at_a_time(
    hosting: Hosting, limits: Callable[..., Json]
) -> None:
    limits(idle_seconds=0.05)
    name = hosting.endpoint(hosting.config({**SERVERLESS, "ModelName": hosting.model()}))["EndpointName"]
    eventually(lambda: not hosting.aws.report()["containers"])
    limits(idle_seconds=60)
    impatient = hosting.aws.session().client(
        "sagemaker-runtime",
        endpoint_url=hosting.aws.place.endpoint,
        config=Config(retries={"total_max_attempts": 1}),
    )

    with ThreadPoolExecutor(max_workers=3) as callers:
        hosting.ask(name)
        slow = [callers.submit(hosting.ask, name, "sleep 0.5") for _ in range(2)]
        time.sleep(0.2)
        with pytest.raises(ClientError, match="ThrottlingException"):
            impatient.invoke_endpoint(EndpointName=name, Body=b"")
        answers = [one.result() for one in slow]

    served = hosting.aws.report()["endpoints"][name]
    assert answers == ["the model||sleep 0.5"] * 2
    assert (served["hosting"], served["cold_starts"]) == ("serverless", 1)


def test_a_container_that_crashed_or_hangs_is_an_error_and_is_started_again(
    hosting: Hosting, limits: Callable[..., Json]
) -> None:
    limits(answer_seconds=0.3)
    name = hosting.endpoint(hosting.config({**INSTANCE, "ModelName": hosting.model()}))["EndpointName"]

    with pytest.raises(ClientError, match=r"server error \(0\)"):
        hosting.ask(name, "sleep 2")
    with pytest.raises(ClientError, match=r"server error \(0\)"):
        hosting.ask(name, "crash")

    assert hosting.ask(name) == "the model||hi"


@pytest.mark.parametrize(("size", "variant"), [(4 * 1024 * 1024 + 1, SERVERLESS), (25 * 1024 * 1024 + 1, INSTANCE)])
def test_a_request_that_is_too_large_is_refused(hosting: Hosting, size: int, variant: Json) -> None:
    name = hosting.endpoint(hosting.config({**variant, "ModelName": hosting.model()}))["EndpointName"]

    with pytest.raises(ClientError, match="413"):
        hosting.ask(name, "x" * size)


def test_requests_that_do_not_fit_are_refused(hosting: Hosting) -> None:
    name = hosting.endpoint(hosting.config({**INSTANCE, "ModelName": hosting.model()}))["EndpointName"]
    runtime = hosting.aws.client("sagemaker-runtime")

    for other in ("nobody", name.upper()):
        with pytest.raises(ClientError, match=f"ValidationError.*Endpoint {other} of account 123456789012 not found"):
            hosting.ask(other)
    with pytest.raises(ClientError, match="has no inference components"):
        hosting.ask(name, InferenceComponentName="any")
    with pytest.raises(ClientError, match="Variant Other not found"):
        hosting.ask(name, TargetVariant="Other")
    with pytest.raises(ClientError, match="not asynchronous"):
        runtime.invoke_endpoint_async(EndpointName=name, InputLocation="s3://a/b")


def test_an_endpoint_fails_without_its_image_or_its_data(hosting: Hosting) -> None:
    s3, bucket = hosting.aws.client("s3"), hosting.place.bucket
    s3.put_object(Bucket=bucket, Key="soon-gone.tar.gz", Body=b"no archive")
    broken = hosting.model(ModelDataUrl=f"s3://{bucket}/soon-gone.tar.gz")
    missing = hosting.model(Image=hosting.place.image.replace(":v1", ":v2"))

    no_archive = hosting.endpoint(hosting.config({**SERVERLESS, "ModelName": broken}))
    s3.delete_object(Bucket=bucket, Key="soon-gone.tar.gz")
    no_data = hosting.endpoint(hosting.config({**SERVERLESS, "ModelName": broken}))
    no_image = hosting.endpoint(hosting.config({**INSTANCE, "ModelName": missing}))

    assert {made["EndpointStatus"] for made in (no_archive, no_data, no_image)} == {"Failed"}
    assert "valid tar.gz archive" in no_archive["FailureReason"]
    assert f"Could not find model data at s3://{bucket}/soon-gone.tar.gz" in no_data["FailureReason"]
    assert "for the production variant AllTraffic exist" in no_image["FailureReason"]
    with pytest.raises(ClientError, match="Could not find model data at s3://nowhere/x"):
        hosting.model(ModelDataUrl="s3://nowhere/x")


def test_an_endpoint_fails_without_an_answer_to_ping(hosting: Hosting, limits: Callable[..., Json]) -> None:
    made = []
    for name, seconds in (("ENDS", 30), ("UNWELL", 0.4)):
        limits(ping_seconds=seconds)
        model = hosting.model(Environment={name: "yes"})
        made.append(hosting.endpoint(hosting.config({**INSTANCE, "ModelName": model})))

    assert [one["EndpointStatus"] for one in made] == ["Failed", "Failed"]
    assert "did not pass the ping health check" in made[0]["FailureReason"]
    assert "(the container ended with exit status 3: hello from the container)" in made[0]["FailureReason"]
    assert "within 0.4 s" in made[1]["FailureReason"]
    assert hosting.aws.report()["containers"] == {}


def test_an_update_takes_over_when_it_is_well(hosting: Hosting) -> None:
    before = hosting.config({**SERVERLESS, "ModelName": hosting.model()})
    after = hosting.config({**INSTANCE, "ModelName": hosting.model(Environment={"SETTING": "new"})})
    name = hosting.endpoint(before)["EndpointName"]
    hosting.sagemaker.delete_endpoint_config(EndpointConfigName=before)

    hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=after)
    with pytest.raises(ClientError, match="Cannot delete in-progress endpoint"):
        hosting.sagemaker.delete_endpoint(EndpointName=name)
    during = hosting.ask(name)
    updated = hosting.settled(name)

    assert during in {"the model||hi", "the model|new|hi"}
    assert (updated["EndpointStatus"], updated["EndpointConfigName"]) == ("InService", after)
    assert hosting.ask(name) == "the model|new|hi"
    assert len(hosting.aws.report()["containers"]) == 1


def test_an_update_that_is_not_well_leaves_what_was(hosting: Hosting) -> None:
    before = hosting.config({**INSTANCE, "ModelName": hosting.model()})
    after = hosting.config({**INSTANCE, "ModelName": hosting.model(Environment={"ENDS": "yes"})})
    name = hosting.endpoint(before)["EndpointName"]

    hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=after)
    updated = hosting.settled(name)

    assert (updated["EndpointStatus"], updated["EndpointConfigName"]) == ("InService", before)
    assert "ping health check" in updated["FailureReason"]
    assert hosting.ask(name) == "the model||hi"


def test_an_alarm_that_rings_sends_an_update_back(hosting: Hosting) -> None:
    cloudwatch, model = hosting.aws.client("cloudwatch"), hosting.model()
    before, after = (hosting.config({**INSTANCE, "ModelName": model}) for _ in range(2))
    name = hosting.endpoint(before)["EndpointName"]
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
    asked = {"EndpointName": name, "EndpointConfigName": after, "DeploymentConfig": deployment}

    with pytest.raises(ClientError, match=r"errors of AutoRollbackConfiguration do not exist"):
        hosting.sagemaker.update_endpoint(**asked)
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    configs, reasons = [], []
    for state in ("ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName="errors", StateValue=state, StateReason="test")
        hosting.sagemaker.update_endpoint(**asked)
        said = hosting.settled(name)
        configs.append(said["EndpointConfigName"])
        reasons.append(said.get("FailureReason", ""))
    cloudwatch.delete_alarms(AlarmNames=["errors"])

    assert configs == [before, after]
    assert "errors are in state ALARM" in reasons[0]
    assert len(hosting.aws.report()["containers"]) == 1


def test_instances_cannot_become_serverless(hosting: Hosting) -> None:
    model = hosting.model()
    name = hosting.endpoint(hosting.config({**INSTANCE, "ModelName": model}))["EndpointName"]

    with pytest.raises(ClientError, match="cannot be changed to a serverless endpoint"):
        hosting.sagemaker.update_endpoint(
            EndpointName=name, EndpointConfigName=hosting.config({**SERVERLESS, "ModelName": model})
        )


def test_the_instance_type_of_a_variant_that_scales_stays(hosting: Hosting) -> None:
    model, scaling = hosting.model(), hosting.aws.client("application-autoscaling")
    name = hosting.endpoint(hosting.config({**INSTANCE, "ModelName": model}))["EndpointName"]
    larger = hosting.config({**INSTANCE, "InstanceType": "ml.m5.xlarge", "ModelName": model})
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)

    with pytest.raises(ClientError, match="deregister them as scalable targets first"):
        hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=larger)
    same = hosting.config({**INSTANCE, "InitialInstanceCount": 2, "ModelName": model})
    hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=same)
    refused = hosting.settled(name)
    scaling.deregister_scalable_target(**target)
    hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=larger)
    changed = hosting.settled(name)

    assert refused["EndpointConfigName"] == same
    assert changed["EndpointConfigName"] == larger


def test_requests_go_to_variants_by_their_weight(hosting: Hosting) -> None:
    one, two = (hosting.model(Environment={"SETTING": name}) for name in ("one", "two"))
    config = f"config-{one}"
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName=config,
        ProductionVariants=[
            {**INSTANCE, "VariantName": "One", "ModelName": one, "InitialVariantWeight": 1},
            {**INSTANCE, "VariantName": "Two", "ModelName": two, "InitialVariantWeight": 0},
        ],
    )
    name = hosting.endpoint(config)["EndpointName"]

    first, named = {hosting.ask(name) for _ in range(5)}, hosting.ask(name, TargetVariant="Two")
    weights = [{"VariantName": "One", "DesiredWeight": 0}, {"VariantName": "Two", "DesiredWeight": 1}]
    hosting.sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=weights)
    hosting.settled(name)

    assert (first, named) == ({"the model|one|hi"}, "the model|two|hi")
    assert {hosting.ask(name) for _ in range(5)} == {"the model|two|hi"}


def test_an_image_of_somebody_else_is_hosted_and_cannot_answer(hosting: Hosting) -> None:
    made = hosting.endpoint(hosting.config({**INSTANCE, "ModelName": hosting.model(Image=FOREIGN)}))

    with pytest.raises(ClientError, match=r"NotImplemented.*runs only images that its own CodeBuild has built"):
        hosting.ask(made["EndpointName"])

    assert made["EndpointStatus"] == "InService"
    assert hosting.aws.report()["endpoints"][made["EndpointName"]]["runs_on"] == f"not runnable here: {FOREIGN}"


def test_names_are_taken_in_whichever_letters_and_tagged(hosting: Hosting) -> None:
    sagemaker, model = hosting.sagemaker, hosting.model()
    arn = sagemaker.describe_model(ModelName=model.upper())["ModelArn"]

    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])

    assert arn == f"arn:aws:sagemaker:us-east-1:123456789012:model/{model}"
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        sagemaker.create_model(ModelName=model.upper(), ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "x"})
    with pytest.raises(ClientError, match=r'Could not find endpoint "arn:aws:sagemaker:.*endpoint/nobody"'):
        sagemaker.describe_endpoint(EndpointName="nobody")
    with pytest.raises(ClientError, match="failed to satisfy constraint"):
        sagemaker.create_model(ModelName="a_b", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "x"})


def test_lists_are_narrowed_and_come_in_pages(hosting: Hosting) -> None:
    sagemaker = hosting.sagemaker
    names = {hosting.model() for _ in range(3)}

    pages = list(sagemaker.get_paginator("list_models").paginate(PaginationConfig={"PageSize": 2}))
    one = sagemaker.list_models(NameContains=min(names))["Models"]

    assert [len(page["Models"]) for page in pages] == [2, 1]
    assert {model["ModelName"] for page in pages for model in page["Models"]} == names
    assert [model["ModelName"] for model in one] == [min(names)]
    with pytest.raises(ClientError, match="Invalid NextToken"):
        sagemaker.list_models(NextToken="nonsense")
