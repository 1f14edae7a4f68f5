"""What is around tasks: their processes end with the server, and with their instance."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.ecs import ending
from mlstack.local.ecs.limits import Limits
from tests.local.builds import project, run
from tests.local.ecs.programs import SOURCE
from tests.local.ecs.shop import Shop
from tests.local.fake_image import BUILDSPEC
from tests.local.packing import zipped
from tests.local.patience import eventually

STATEMENT = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST = {"Version": "2012-10-17", "Statement": [STATEMENT]}


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_running_containers_are_reported_with_their_process(local_aws: LocalAws, shop: Shop) -> None:
    arn = shop.run(shop.definition(shop.container("one", "gentle")))
    shop.reached(arn, "RUNNING")

    running = local_aws.report()["containers"][f"{arn.rpartition('/')[2]}/one"]

    assert running["image"] == shop.image
    assert not _gone(running["pid"])
    shop.ecs.stop_task(cluster=shop.cluster, task=arn)
    assert eventually(lambda: _gone(running["pid"]))


def test_logs_that_somebody_deletes_end_no_task(local_aws: LocalAws, shop: Shop) -> None:
    arn = shop.run(shop.definition(shop.container("one", "gentle")))
    eventually(lambda: shop.lines(arn, "one"))
    logs = local_aws.client("logs")

    logs.delete_log_group(logGroupName=shop.group)
    shop.ecs.stop_task(cluster=shop.cluster, task=arn)
    task = shop.reached(arn, "STOPPED")
    left = logs.describe_log_groups(logGroupNamePrefix=shop.group)["logGroups"]
    logs.create_log_group(logGroupName=shop.group)

    assert task["containers"][0]["exitCode"] == 0
    assert left == []


def test_processes_end_with_the_server(tmp_path: Path) -> None:
    with LocalAws.start(tmp_path) as aws:
        shop = Shop(aws, _built(aws), "default", "/logs")
        aws.client("ecs").create_cluster()
        aws.client("iam").create_role(RoleName="programs", AssumeRolePolicyDocument=json.dumps(TRUST))
        aws.client("logs").create_log_group(logGroupName="/logs")
        arn = shop.run(shop.definition(shop.container("one", "stubborn", stopTimeout=120)))
        eventually(lambda: shop.lines(arn, "one"))
        [running] = aws.report()["containers"].values()

    assert eventually(lambda: _gone(running["pid"]))


def _built(aws: LocalAws) -> str:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="source")
    s3.put_object(Bucket="source", Key="source.zip", Body=zipped(SOURCE))
    uri = aws.client("ecr").create_repository(repositoryName="programs")["repository"]["repositoryUri"]
    said = project("source/source.zip", BUILDSPEC, IMAGE_REPOSITORY_URI=uri)
    aws.client("codebuild").create_project(name="programs", **said)
    assert run(aws, "programs", "v1")["buildStatus"] == "SUCCEEDED"
    return f"{uri}:v1"


@pytest.mark.parametrize(
    "said", [{"step_seconds": 0}, {"health_seconds": "soon"}, {"unknown": 1}, {"step_seconds": 1e9}]
)
def test_limit_that_is_none_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"known are|could not convert"):
        Limits().changed(said)


def test_tasks_of_a_lost_instance_end_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [_Run("arn:one"), _Run("arn:two"), _Run("arn:one")]
    monkeypatch.setattr(ending, "_listening", {("123456789012", "us-east-1"): SimpleNamespace(runs=lambda: runs)})

    ending.instance_lost("123456789012", "us-east-1", "arn:one", "SpotInterruption", "gone")

    ended = [("SpotInterruption", "gone", 120.0)]
    assert [one.stopped for one in runs] == [ended, [], ended]


class _Run:
    """Something that runs on an instance."""

    def __init__(self, instance_arn: str) -> None:
        self.task = SimpleNamespace(instance_arn=instance_arn)
        self.stopped: list[tuple[str, str, float]] = []

    def stop(self, code: str, reason: str, *, limit_s: float) -> None:
        self.stopped.append((code, reason, limit_s))


def test_loss_of_an_instance_that_nobody_knows_ends_nothing() -> None:
    ending.instance_lost("123456789012", "eu-nowhere-1", "arn:of:nobody", "TerminationNotice", "gone")
