"""ECS's types in stacks: made, changed, waited for, and gone in the right order alone."""

from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from tests.local.ecs.shop import ROLE, Shop
from tests.local.patience import eventually
from tests.local.stacks import Stacks

Json = dict[str, Any]


@pytest.fixture
def template(shop: Shop) -> Json:
    """A cluster, a log group and a service with one task."""
    container = {
        "Name": "one",
        "Image": shop.image,
        "Command": ["gentle"],
        "LogConfiguration": {
            "LogDriver": "awslogs",
            "Options": {
                "awslogs-group": {"Ref": "Logs"},
                "awslogs-region": {"Ref": "AWS::Region"},
                "awslogs-stream-prefix": "ecs",
            },
        },
    }
    vpc = shop.network["awsvpcConfiguration"]
    definition = {
        "Family": f"{shop.cluster}-family",
        "RequiresCompatibilities": ["FARGATE"],
        "NetworkMode": "awsvpc",
        "Cpu": "256",
        "Memory": "512",
        "ExecutionRoleArn": ROLE,
        "ContainerDefinitions": [container],
        "Tags": [{"Key": "stage", "Value": "one"}],
    }
    service = {
        "Cluster": {"Ref": "Cluster"},
        "TaskDefinition": {"Ref": "Task"},
        "DesiredCount": 1,
        "LaunchType": "FARGATE",
        "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}},
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {"Subnets": vpc["subnets"], "AssignPublicIp": vpc["assignPublicIp"]}
        },
    }
    return {
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {}},
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"Tags": [{"Key": "stage", "Value": "one"}]}},
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": definition},
        "Service": {"Type": "AWS::ECS::Service", "Properties": service},
    }


def _described(shop: Shop, stacks: Stacks, name: str) -> Json:
    [found] = shop.ecs.describe_services(
        cluster=stacks.physical_id(name, "Cluster"), services=[stacks.physical_id(name, "Service")]
    )["services"]
    return dict(found)


def test_service_of_a_stack_is_waited_for(shop: Shop, stacks: Stacks, template: Json) -> None:
    outputs = {
        "ClusterArn": {"Value": {"Fn::GetAtt": ["Cluster", "Arn"]}},
        "Name": {"Value": {"Fn::GetAtt": ["Service", "Name"]}},
        "Task": {"Value": {"Ref": "Task"}},
    }

    name = stacks.create(template, Outputs=outputs)

    assert stacks.status(name) == "CREATE_COMPLETE", stacks.reasons(name)
    found, said = _described(shop, stacks, name), stacks.outputs(name)
    assert found["runningCount"] == 1
    assert said == {"ClusterArn": found["clusterArn"], "Name": found["serviceName"], "Task": found["taskDefinition"]}


def test_stack_is_deleted_with_its_tasks(local_aws: LocalAws, shop: Shop, stacks: Stacks, template: Json) -> None:
    name = stacks.create(template)
    cluster = stacks.physical_id(name, "Cluster")

    stacks.delete(name)

    assert stacks.status(name) == "DELETED"
    assert cluster not in {arn.rpartition("/")[2] for arn in shop.ecs.list_clusters()["clusterArns"]}
    assert not [one for one in local_aws.report()["containers"].values() if cluster in one["owner"]]


def test_changed_task_definition_is_another_revision(shop: Shop, stacks: Stacks, template: Json) -> None:
    name = stacks.create(template)
    before = stacks.physical_id(name, "Task")
    template["Task"]["Properties"]["ContainerDefinitions"][0]["Command"] = ["gentle", "0.1"]

    stacks.update(name, template)

    after = stacks.physical_id(name, "Task")
    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    assert (before.rpartition(":")[2], after.rpartition(":")[2]) == ("1", "2")
    assert _described(shop, stacks, name)["taskDefinition"] == after
    assert shop.ecs.describe_task_definition(taskDefinition=before)["taskDefinition"]["status"] == "INACTIVE"


def test_failing_deployment_rolls_the_stack_back(shop: Shop, stacks: Stacks, template: Json) -> None:
    name = stacks.create(template)
    before = _described(shop, stacks, name)["taskDefinition"]
    template["Task"]["Properties"]["ContainerDefinitions"][0]["Command"] = ["end", "1"]
    template["Task"]["Properties"]["ContainerDefinitions"][0]["Image"] += "-missing"

    stacks.update(name, template)

    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE", stacks.reasons(name)
    assert "Circuit Breaker" in stacks.reasons(name)
    eventually(lambda: _described(shop, stacks, name)["runningCount"] == 1)
    assert _described(shop, stacks, name)["taskDefinition"] == before


def test_failing_service_fails_its_stack(stacks: Stacks, template: Json) -> None:
    template["Task"]["Properties"]["ContainerDefinitions"][0]["Image"] += "-missing"

    name = stacks.create(template)

    assert stacks.status(name) == "ROLLBACK_COMPLETE", stacks.reasons(name)
    assert "Circuit Breaker" in stacks.reasons(name)


def test_cluster_with_a_foreign_task_fails_its_stack(shop: Shop, stacks: Stacks, template: Json) -> None:
    del template["Service"]
    name = stacks.create(template)
    cluster = stacks.physical_id(name, "Cluster")
    definition = shop.definition(shop.container("one", "gentle"))
    [task] = shop.ecs.run_task(
        cluster=cluster, taskDefinition=definition, launchType="FARGATE", networkConfiguration=shop.network
    )["tasks"]

    stacks.delete(name)

    assert stacks.status(name) == "DELETE_FAILED"
    assert "The Cluster cannot be deleted while Tasks are active." in stacks.reasons(name)
    shop.ecs.stop_task(cluster=cluster, task=task["taskArn"])
    asked = {"cluster": cluster, "tasks": [task["taskArn"]]}
    eventually(lambda: shop.ecs.describe_tasks(**asked)["tasks"][0]["lastStatus"] == "STOPPED")
    stacks.delete(name)
    assert stacks.status(name) == "DELETED"


def test_service_that_somebody_deleted_keeps_no_stack(shop: Shop, stacks: Stacks, template: Json) -> None:
    name = stacks.create(template)
    cluster, service = stacks.physical_id(name, "Cluster"), stacks.physical_id(name, "Service")
    shop.ecs.delete_service(cluster=cluster, service=service, force=True)

    stacks.delete(name)

    assert stacks.status(name) == "DELETED"


def test_tags_change_and_nothing_is_made_anew(shop: Shop, stacks: Stacks, template: Json) -> None:
    template["Service"]["Properties"]["DesiredCount"] = 0
    name = stacks.create(template)
    ids = [stacks.physical_id(name, one) for one in ("Cluster", "Task", "Service")]
    for one in ("Cluster", "Task", "Service"):
        template[one]["Properties"]["Tags"] = [{"Key": "stage", "Value": "two"}]

    stacks.update(name, template)

    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    assert [stacks.physical_id(name, one) for one in ("Cluster", "Task", "Service")] == ids
    [cluster] = shop.ecs.describe_clusters(clusters=[ids[0]], include=["TAGS"])["clusters"]
    for arn in (cluster["clusterArn"], *ids[1:]):
        assert shop.ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "stage", "value": "two"}]


def test_renamed_service_is_replaced(shop: Shop, stacks: Stacks, template: Json) -> None:
    template["Service"]["Properties"] |= {"ServiceName": "before", "DesiredCount": 0}
    name = stacks.create(template)
    before = stacks.physical_id(name, "Service")
    template["Service"]["Properties"]["ServiceName"] = "after"

    stacks.update(name, template)

    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    found = shop.ecs.describe_services(cluster=stacks.physical_id(name, "Cluster"), services=[before, "after"])
    assert [one["status"] for one in found["services"]] == ["INACTIVE", "ACTIVE"]


def test_property_that_ecs_does_not_have_fails_the_stack(stacks: Stacks, template: Json) -> None:
    template["Task"]["Properties"]["ContainerDefinitions"][0]["Color"] = "red"

    name = stacks.create(template)

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "extraneous key [Color] is not permitted" in stacks.reasons(name)


def test_numbers_may_be_written_as_text(shop: Shop, stacks: Stacks, template: Json) -> None:
    template["Service"]["Properties"]["DesiredCount"] = "0"
    template["Task"]["Properties"]["ContainerDefinitions"][0]["StopTimeout"] = "30"
    template["Task"]["Properties"]["ContainerDefinitions"][0]["DockerLabels"] = {"Stage": "One"}

    name = stacks.create(template)

    assert stacks.status(name) == "CREATE_COMPLETE", stacks.reasons(name)
    found = shop.ecs.describe_task_definition(taskDefinition=stacks.physical_id(name, "Task"))["taskDefinition"]
    [container] = found["containerDefinitions"]
    assert (container["stopTimeout"], container["dockerLabels"]) == (30, {"Stage": "One"})
