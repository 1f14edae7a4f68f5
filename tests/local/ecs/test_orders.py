"""What RunTask takes and refuses, and what of it reaches the containers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from tests.local.ecs.shop import Shop
from tests.local.patience import eventually

Refusal = Callable[..., tuple[str, str]]
Json = dict[str, Any]
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]


@pytest.fixture
def definition(shop: Shop) -> str:
    environment = [{"name": "KEPT", "value": "kept"}, {"name": "CHANGED", "value": "old"}]
    return shop.definition(shop.container("one", "tell", "KEPT", "CHANGED", "NEW", environment=environment))


def test_overrides_reach_the_container(shop: Shop, definition: str) -> None:
    said = {
        "name": "one",
        "environment": [{"name": "CHANGED", "value": "new"}, {"name": "NEW", "value": "new"}],
    }

    task = shop.ended(definition, overrides={"containerOverrides": [said]})

    [line] = shop.lines(task["taskArn"], "one")
    assert json.loads(line) == {"KEPT": "kept", "CHANGED": "new", "NEW": "new"}


def test_command_is_overridden(shop: Shop, definition: str) -> None:
    said = {"containerOverrides": [{"name": "one", "command": ["end", "7"]}]}

    task = shop.ended(definition, overrides=said)

    assert task["containers"][0]["exitCode"] == 7


def test_secret_is_read_when_the_task_starts(local_aws: LocalAws, shop: Shop) -> None:
    ssm = local_aws.client("ssm")
    ssm.put_parameter(Name="/ecs/secret", Value="quiet", Type="SecureString")
    secrets = [{"name": "SECRET", "valueFrom": "/ecs/secret"}]
    definition = shop.definition(shop.container("one", "tell", "SECRET", secrets=secrets))

    task = shop.ended(definition)
    ssm.delete_parameter(Name="/ecs/secret")
    without = shop.ended(definition)

    assert [json.loads(line) for line in shop.lines(task["taskArn"], "one")] == [{"SECRET": "quiet"}]
    assert "ResourceInitializationError: unable to pull secrets" in without["stoppedReason"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"networkConfiguration": None}, "Network Configuration must be provided"),
        ({"capacityProviderStrategy": SPOT}, "Specifying both a launch type and capacity provider strategy"),
        ({"launchType": "EC2"}, "Assign public IP is not supported for this launch type."),
        ({"overrides": {"containerOverrides": [{"name": "two"}]}}, "Override for container named two"),
        ({"count": 11}, "count is between 1 and 10"),
        ({"group": "service:mine"}, "Invalid namespace for group."),
        (
            {"launchType": None, "capacityProviderStrategy": [{"capacityProvider": "gpus", "weight": 1}]},
            "not associated with the cluster",
        ),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}},
            "Error retrieving subnet information",
        ),
    ],
)
def test_order_that_cannot_be_is_refused(
    shop: Shop, refusal: Refusal, definition: str, changed: Json, words: str
) -> None:
    wanted = {"cluster": shop.cluster, "launchType": "FARGATE", "networkConfiguration": shop.network, **changed}
    wanted = {name: value for name, value in wanted.items() if value is not None}

    code, message = refusal(shop.ecs.run_task, taskDefinition=definition, **wanted)

    assert (code, words in message) == ("InvalidParameterException", True), message


def test_definition_for_instances_does_not_run_on_fargate(shop: Shop, refusal: Refusal) -> None:
    plain = {"name": "one", "image": shop.image, "memory": 128}
    made = shop.registered(family="instances", containerDefinitions=[plain])

    said = refusal(shop.ecs.run_task, cluster=shop.cluster, taskDefinition=made, launchType="FARGATE")

    assert said == ("InvalidParameterException", "Task definition does not support launch_type FARGATE.")


def test_cluster_without_instances_runs_nothing_on_them(shop: Shop, refusal: Refusal) -> None:
    plain = {"name": "one", "image": shop.image, "memory": 128}
    made = shop.registered(family="instances", containerDefinitions=[plain])

    said = refusal(shop.ecs.run_task, cluster=shop.cluster, taskDefinition=made)

    assert said == ("InvalidParameterException", "No Container Instances were found in your cluster.")


def test_same_token_runs_a_task_once(shop: Shop, definition: str) -> None:
    first = shop.run(definition, clientToken="token-of-mine")

    assert shop.run(definition, clientToken="token-of-mine") == first


def test_interrupted_spot_task_says_so(shop: Shop) -> None:
    definition = shop.definition(shop.container("one", "gentle"))
    arn = shop.run(definition, launchType=None, capacityProviderStrategy=SPOT)
    eventually(lambda: shop.lines(arn, "one"))

    shop.aws.ecs(interrupt=arn)

    task = shop.reached(arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("SpotInterruption", "Your Spot Task was interrupted.")
    assert task["capacityProviderName"] == "FARGATE_SPOT"
    assert task["containers"][0]["exitCode"] == 0


def test_task_that_is_no_spot_is_not_interrupted(shop: Shop) -> None:
    arn = shop.run(shop.definition(shop.container("one", "gentle")))

    with pytest.raises(OSError, match="400"):
        shop.aws.ecs(interrupt=arn)


def test_isolated_subnet_keeps_a_task_from_starting(local_aws: LocalAws, shop: Shop, definition: str) -> None:
    ec2 = local_aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet], "assignPublicIp": "ENABLED"}}

    task = shop.ended(definition, networkConfiguration=network)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)

    assert task["stopCode"] == "TaskFailedToStart"
    assert f"{subnet} has no way out and no endpoint ecr.api, ecr.dkr, logs, s3" in task["stoppedReason"]


def test_group_that_lets_nothing_out_keeps_a_task_from_starting(
    local_aws: LocalAws, shop: Shop, definition: str
) -> None:
    ec2 = local_aws.client("ec2")
    [subnet] = shop.network["awsvpcConfiguration"]["subnets"]
    [vpc] = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    group = ec2.create_security_group(GroupName="shut", Description="shut", VpcId=vpc["VpcId"])["GroupId"]
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
    network = {"awsvpcConfiguration": {**shop.network["awsvpcConfiguration"], "securityGroups": [group]}}

    task = shop.ended(definition, networkConfiguration=network)
    ec2.delete_security_group(GroupId=group)

    assert f"no rule of {group} lets port 443 out" in task["stoppedReason"]


def test_containers_end_before_those_that_they_depend_on(shop: Shop) -> None:
    server = shop.container("server", "gentle", healthCheck={"command": ["CMD", "python", "-c", "pass"]})
    queue = shop.container("queue", "gentle", "0.3", dependsOn=[{"containerName": "server", "condition": "HEALTHY"}])
    arn = shop.run(shop.definition(server, queue))
    eventually(lambda: shop.lines(arn, "queue"))

    shop.ecs.stop_task(cluster=shop.cluster, task=arn)
    shop.reached(arn, "STOPPED")

    assert _ending(shop, arn) == ["queue", "server"]


def _ending(shop: Shop, arn: str) -> list[str]:
    """The containers of a task, as they said that they end."""
    found = shop.aws.client("logs").filter_log_events(logGroupName=shop.group, filterPattern="ending")["events"]
    mine = [one for one in found if one["logStreamName"].endswith(arn.rpartition("/")[2])]
    return [one["logStreamName"].split("/")[1] for one in sorted(mine, key=lambda one: one["timestamp"])]


def test_failed_dependency_keeps_a_task_from_going_on(shop: Shop) -> None:
    model = shop.container("model", "end", "1", essential=False)
    server = shop.container("server", "gentle", dependsOn=[{"containerName": "model", "condition": "SUCCESS"}])

    task = shop.ended(shop.definition(model, server))

    containers = {one["name"]: one for one in task["containers"]}
    assert (task["stopCode"], task["stoppedReason"]) == ("TaskFailedToStart", "Task failed to start")
    assert containers["model"]["exitCode"] == 1
    assert "exitCode" not in containers["server"]
    assert "[model]" in containers["server"]["reason"]


@pytest.mark.parametrize("name", ["any", "nobody"])
def test_role_that_does_not_trust_ecs_is_refused(shop: Shop, refusal: Refusal, name: str) -> None:
    arn = f"arn:aws:iam::123456789012:role/{name}"
    definition = shop.definition(shop.container("one", "gentle"), taskRoleArn=arn)

    code, message = refusal(shop.run, definition=definition)

    assert (code, f"unable to assume the role '{arn}'" in message) == ("ClientException", True)


def test_role_that_does_not_trust_ecs_is_an_event_of_a_service(shop: Shop) -> None:
    definition = shop.definition(shop.container("one", "gentle"), taskRoleArn="arn:aws:iam::123456789012:role/any")

    name = shop.service(definition)

    said = eventually(lambda: [one["message"] for one in shop.described(name)["events"]])
    assert "failed to launch a task with (error ECS was unable to assume the role" in said[-1]
