"""What is left is what each service lists, and the CDK's own stack is told apart."""

from contextlib import suppress

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Leftovers, Resource, inventory, split
from tests.local.desk import Desk

PHOTOS = Resource("bucket", "photos")
ASSETS = Resource("bucket", "cdk-assets")
TOOLKIT = Resource("stack", "CDKToolkit")


def test_leftovers_name_the_bootstrap_stack_apart() -> None:
    left = split({PHOTOS, TOOLKIT, ASSETS}, {"cdk-assets"})

    assert left == Leftovers(resources=(PHOTOS,), bootstrap=(ASSETS, TOOLKIT))


def test_inventory_sees_what_each_service_lists(local_aws: LocalAws) -> None:
    before = inventory(local_aws.client)
    local_aws.client("sqs").create_queue(QueueName="seen")
    vpc = local_aws.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]

    made = inventory(local_aws.client) - before

    local_aws.client("ec2").delete_vpc(VpcId=vpc)
    queue = local_aws.client("sqs").get_queue_url(QueueName="seen")["QueueUrl"]
    local_aws.client("sqs").delete_queue(QueueUrl=queue)
    assert made == {Resource("network", vpc), Resource("queue", queue)}


def test_an_account_that_nobody_has_used_is_empty(at_first: frozenset[Resource]) -> None:
    assert at_first == frozenset()


def test_a_job_is_left_over_as_long_as_it_runs(local_aws: LocalAws, desk: Desk) -> None:
    before = inventory(local_aws.client)
    name = desk.train(sleep="60")
    desk.running(name)

    running = inventory(local_aws.client) - before
    local_aws.client("sagemaker").stop_training_job(TrainingJobName=name)
    desk.training(name, "Stopped")

    assert Resource("training job", name) in running
    assert Resource("training job", name) not in inventory(local_aws.client)


@pytest.mark.parametrize("kind", ["Compilation", "Processing", "Training", "Transform"])
def test_sagemakers_log_group_of_all_jobs_is_left_over_while_a_stream_is_in_it(local_aws: LocalAws, kind: str) -> None:
    logs, name, stream = local_aws.client("logs"), f"/aws/sagemaker/{kind}Jobs", "a-job/algo-1-1700000000"
    with suppress(logs.exceptions.ResourceNotFoundException):
        logs.delete_log_group(logGroupName=name)
    logs.create_log_group(logGroupName=name)

    empty = inventory(local_aws.client)
    logs.create_log_stream(logGroupName=name, logStreamName=stream)
    full = inventory(local_aws.client)
    logs.delete_log_stream(logGroupName=name, logStreamName=stream)

    assert full - empty == {Resource("log group", name)}
    assert inventory(local_aws.client) == empty
    logs.delete_log_group(logGroupName=name)


@pytest.mark.parametrize("name", ["/aws/sagemaker/NotebookInstances", "/aws/sagemaker/TrainingJobs2", "TrainingJobs"])
def test_every_other_log_group_is_left_over_though_it_is_empty(local_aws: LocalAws, name: str) -> None:
    before, logs = inventory(local_aws.client), local_aws.client("logs")
    logs.create_log_group(logGroupName=name)

    made = inventory(local_aws.client) - before

    logs.delete_log_group(logGroupName=name)
    assert made == {Resource("log group", name)}
