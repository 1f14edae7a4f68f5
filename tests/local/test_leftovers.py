"""What is left is what each service lists, and the CDK's own stack is told apart."""

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Leftovers, Resource, inventory, split
from tests.local.sagemaker.job.conftest import Desk, desk

__all__ = ["desk"]
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
