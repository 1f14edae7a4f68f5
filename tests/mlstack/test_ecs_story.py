"""The life of a cluster on the local AWS, told in order, by the real CDK CLI: from zero, and back to zero."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstack.errors import UserError
from mlstack.local.aws import LocalAws
from mlstack.local.synthesis import synthesize
from tests.local.patience import eventually
from tests.mlstack.conftest import Run, runner, standing

PROFILE = Path(__file__).with_name("ecs.toml")
WASTE = Path(__file__).resolve().parents[2] / "examples" / "waste"
CLUSTER = "mlstack-box"
MINUTE_S = 60
LIVING = ("pending", "running", "stopping", "stopped")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A stage of containers, deployed."""
    with standing(tmp_path_factory.mktemp("box"), str(PROFILE)) as aws:
        yield aws


@pytest.fixture
def run(box: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on that stage."""
    return runner(box, monkeypatch, capsys)


def redeploy(aws: LocalAws, change: Callable[[str], str], folder: Path) -> None:
    """Deploy the profile anew, changed."""
    profile = folder / "changed.toml"
    profile.write_text(change(PROFILE.read_text(encoding="utf-8")), encoding="utf-8")
    synthesize(aws.folder, str(profile))
    aws.deploy()


def service(aws: LocalAws, name: str) -> dict[str, Any]:
    """As ECS tells it."""
    [found] = aws.client("ecs").describe_services(cluster=CLUSTER, services=[name])["services"]
    return dict(found)


def tasks(aws: LocalAws, **of: str) -> list[dict[str, Any]]:
    """The tasks that are wanted, of a service or a family."""
    ecs = aws.client("ecs")
    arns = ecs.list_tasks(cluster=CLUSTER, desiredStatus="RUNNING", **of)["taskArns"]
    return list(ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]) if arns else []


def instances(aws: LocalAws) -> list[dict[str, Any]]:
    """Every instance that bills."""
    pages = (
        aws.client("ec2")
        .get_paginator("describe_instances")
        .paginate(Filters=[{"Name": "instance-state-name", "Values": [*LIVING]}])
    )
    return [one for page in pages for group in page["Reservations"] for one in group["Instances"]]


def told(aws: LocalAws, what: str) -> dict[str, Any]:
    """What the commands read."""
    value = aws.client("ssm").get_parameter(Name=f"/mlstack/box/ecs/{what}")["Parameter"]["Value"]
    found: dict[str, Any] = json.loads(value)
    return found


def ask(aws: LocalAws, key: str, body: bytes, content_type: str = "image/jpeg") -> None:
    """Put a request before the sleeping service, as any program would."""
    where = told(aws, "services/drawings")
    aws.client("s3").put_object(
        Bucket=where["bucket"], Key=f"{where['requests']}{key}", Body=body, ContentType=content_type
    )


def answer(aws: LocalAws, key: str, kind: str = "answers") -> dict[str, Any] | None:
    """What came of a request, or nothing yet."""
    s3, where = aws.client("s3"), told(aws, "services/drawings")
    try:
        found = s3.get_object(Bucket=where["bucket"], Key=f"{where[kind]}{key}.json")
    except s3.exceptions.NoSuchKey:
        return None
    said: dict[str, Any] = json.load(found["Body"])
    return said


def builds(aws: LocalAws) -> list[str]:
    """Every build that there was."""
    return list(aws.client("codebuild").list_builds()["ids"])


def execution(aws: LocalAws, name: str) -> dict[str, Any]:
    """A run of the training workflow."""
    machine = told(aws, "training")["state_machine"]
    arn = machine.replace(":stateMachine:", ":execution:") + f":{name}"
    return dict(aws.client("stepfunctions").describe_execution(executionArn=arn))


def started(run: Run, *, epochs: int) -> str:
    """Start a training that nobody looks at; gives its name."""
    code, written, errors = run(
        *("run", "training", "sorter", "--on", "ecs", "--data", WASTE / "dataset", "--set", f"epochs={epochs}"),
        *("--yes", "--no-follow", "--json", "--stage", "box"),
    )
    assert code == 0, errors
    said: dict[str, Any] = json.loads(written)
    return str(said["request"]["run"])


def test_deployed_it_has_nothing_that_runs_but_what_the_profile_keeps_awake(box: LocalAws) -> None:
    assert box.gaps() == []
    assert box.report()["faults"] == []
    assert instances(box) == []
    assert tasks(box, serviceName="drawings") == []
    assert service(box, "drawings")["desiredCount"] == 0
    assert service(box, "front")["runningCount"] == 1


def test_images_were_built_in_the_account_for_each_processor(box: LocalAws) -> None:
    repositories = box.client("ecr").describe_repositories()["repositories"]
    filled = {
        one["repositoryName"]: len(box.client("ecr").list_images(repositoryName=one["repositoryName"])["imageIds"])
        for one in repositories
        if not one["repositoryName"].startswith(("mlstack-box/", "cdk-"))
    }

    assert sorted(filled.values()) == [1, 2, 2]
    assert len(builds(box)) == 5


def test_same_content_is_not_built_again(box: LocalAws, tmp_path: Path) -> None:
    before = builds(box)

    redeploy(box, lambda text: text.replace("max_tasks = 3\nbacklog", "max_tasks = 2\nbacklog"), tmp_path)

    assert builds(box) == before


def test_request_that_arrives_wakes_the_service_and_is_answered_by_the_real_server(box: LocalAws) -> None:
    ask(box, "one.jpg", (WASTE / "compost-1.jpg").read_bytes())
    eventually(lambda: box.pass_time(MINUTE_S + 1) and service(box, "drawings")["desiredCount"] == 1, within_s=60)

    said = eventually(lambda: answer(box, "one.jpg"), within_s=90)

    best = said["predictions"][0]
    assert (best["label"], round(best["score"], 2)) == ("compost", 0.99)


def test_command_asks_it_while_it_is_awake(run: Run) -> None:
    code, written, errors = run(
        "service", "predict", "drawings", WASTE / "recycling-1.jpg", WASTE / "landfill-1.jpg", "--stage", "box"
    )

    assert code == 0, errors
    assert "recycling" in written
    assert "landfill" in written


def test_what_is_no_picture_is_said_so_and_tried_once(box: LocalAws) -> None:
    ask(box, "broken.jpg", b"no picture")

    said = eventually(lambda: answer(box, "broken.jpg", "failures"), within_s=60)

    assert said["status"] == 415
    assert said["error"]["code"] == "not_a_picture"


def test_deeper_queue_brings_more_tasks(box: LocalAws) -> None:
    photo = (WASTE / "compost-2.jpg").read_bytes()
    box.client("ecs").update_service(cluster=CLUSTER, service="drawings", desiredCount=0)
    eventually(lambda: tasks(box, serviceName="drawings") == [], within_s=60)
    for number in range(25):
        ask(box, f"many/{number}.jpg", photo)

    eventually(lambda: box.pass_time(MINUTE_S + 1) and service(box, "drawings")["desiredCount"] >= 2, within_s=60)

    assert eventually(lambda: all(answer(box, f"many/{number}.jpg") for number in range(25)), within_s=120)


def test_spot_takes_a_task_and_another_answers(box: LocalAws) -> None:
    [first, *_] = eventually(lambda: tasks(box, serviceName="drawings"), within_s=60)
    box.ecs(interrupt=first["taskArn"])
    ask(box, "after.jpg", (WASTE / "landfill-1.jpg").read_bytes())

    said = eventually(lambda: answer(box, "after.jpg"), within_s=120)

    assert said["predictions"][0]["label"] == "landfill"
    [gone] = box.client("ecs").describe_tasks(cluster=CLUSTER, tasks=[first["taskArn"]])["tasks"]
    assert gone["stopCode"] == "SpotInterruption"


def test_nothing_comes_and_it_sleeps(box: LocalAws) -> None:
    box.pass_time(17 * MINUTE_S)

    assert eventually(lambda: service(box, "drawings")["desiredCount"] == 0, within_s=30)
    assert eventually(lambda: tasks(box, serviceName="drawings") == [], within_s=90)


def test_training_brings_its_own_instance_and_leaves_a_model(box: LocalAws, run: Run) -> None:
    code, written, errors = run(
        *("run", "training", "sorter", "--on", "ecs", "--data", WASTE / "dataset", "--set", "epochs=1"),
        *("--yes", "--stage", "box"),
    )

    assert code == 0, errors
    assert "at most $" in errors + written
    [machine] = instances(box)
    assert machine["InstanceLifecycle"] == "spot"
    assert {tag["Key"]: tag["Value"] for tag in machine["Tags"]}["stage"] == "box"
    bucket = told(box, "training")["models"]
    [model] = [
        one["Key"]
        for one in box.client("s3").list_objects_v2(Bucket=bucket, Prefix="ecs/runs/")["Contents"]
        if one["Key"].endswith("model.tar.gz")
    ]
    packed = box.client("s3").get_object(Bucket=bucket, Key=model)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert {"model.onnx", "config.json", "preprocessor_config.json"} <= set(archive.getnames())
    assert f"s3://{bucket}/{model}" in written + errors


def test_instance_goes_when_nothing_trains(box: LocalAws) -> None:
    assert tasks(box, family="mlstack-box-training") == []

    eventually(lambda: box.pass_time(5 * MINUTE_S) and instances(box) == [], within_s=90)


def test_trained_model_is_served_as_it_is(box: LocalAws, run: Run, tmp_path: Path) -> None:
    bucket = told(box, "training")["models"]
    keys = box.client("s3").list_objects_v2(Bucket=bucket, Prefix="ecs/runs/")["Contents"]
    [model] = [one["Key"] for one in keys if one["Key"].endswith("model.tar.gz")]

    redeploy(
        box,
        lambda text: text.replace(
            "[ecs.services.drawings]", f'[ecs.services.drawings]\nmodel = "s3://{bucket}/{model}"'
        ),
        tmp_path,
    )
    ask(box, "trained.jpg", (WASTE / "compost-1.jpg").read_bytes())
    eventually(lambda: box.pass_time(MINUTE_S + 1) and service(box, "drawings")["desiredCount"] == 1, within_s=60)

    said = eventually(lambda: answer(box, "trained.jpg"), within_s=90)
    assert {one["label"] for one in said["predictions"]} == {"compost", "landfill", "recycling"}
    code, written, errors = run("service", "status", "drawings", "--stage", "box")
    assert code == 0, errors
    assert model in written


def test_spot_has_nothing_and_the_run_goes_on_demand_by_itself(box: LocalAws, run: Run) -> None:
    box.capacity(no_spot=["*"])
    name = started(run, epochs=1)

    eventually(
        lambda: box.pass_time(2 * MINUTE_S) and [one for one in instances(box) if "InstanceLifecycle" not in one],
        within_s=180,
    )
    ended = eventually(lambda: (said := execution(box, name))["status"] != "RUNNING" and said, within_s=120)

    box.capacity(no_spot=[])
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"])["attempts"] == 3


def test_stopped_run_stops_its_task(box: LocalAws, run: Run) -> None:
    name = started(run, epochs=500)
    eventually(
        lambda: [one for one in tasks(box, family="mlstack-box-training") if one["lastStatus"] == "RUNNING"],
        within_s=120,
    )

    code, _, errors = run("run", "stop", name, "--stage", "box")

    assert code == 0, errors
    assert eventually(lambda: execution(box, name)["status"] == "ABORTED", within_s=60)
    assert eventually(lambda: tasks(box, family="mlstack-box-training") == [], within_s=150)


def test_revision_that_does_not_come_up_fails_the_deploy_and_is_taken_back(box: LocalAws, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        redeploy(
            box,
            lambda text: text.replace("min_tasks = 1\n", 'min_tasks = 1\nenvironment = { INFERENCE_TOP_K = "none" }\n'),
            tmp_path,
        )

    after = service(box, "front")
    described = box.client("ecs").describe_task_definition(taskDefinition=after["taskDefinition"])["taskDefinition"]
    assert "INFERENCE_TOP_K" not in json.dumps(described["containerDefinitions"])
    assert after["runningCount"] == 1


def test_destroy_does_not_hang_while_all_of_it_runs_and_leaves_nothing(box: LocalAws, run: Run) -> None:
    started(run, epochs=500)
    ask(box, "last.jpg", (WASTE / "compost-1.jpg").read_bytes())
    eventually(lambda: box.pass_time(MINUTE_S + 1) and service(box, "drawings")["desiredCount"] >= 1, within_s=60)
    eventually(lambda: tasks(box, family="mlstack-box-training"), within_s=120)
    assert instances(box)

    box.destroy()

    assert instances(box) == []
    assert box.leftovers().resources == ()
