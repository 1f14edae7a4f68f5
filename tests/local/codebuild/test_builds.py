"""A build puts an image into ECR, or says in which phase it failed and why."""

import json

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.builds import failure, project, run
from tests.local.codebuild.conftest import Project
from tests.local.fake_image import BUILDSPEC, DOCKERFILE, SOURCE

IMAGE_BUILD = """
import time
import boto3

def handle(event, _context):
    ecr, codebuild = boto3.client("ecr"), boto3.client("codebuild")
    wanted = {"repositoryName": event["repository"], "imageIds": [{"imageTag": event["tag"]}]}
    try:
        ecr.describe_images(**wanted)
        return "was there"
    except ecr.exceptions.ImageNotFoundException:
        variables = [{"name": "IMAGE_TAG", "value": event["tag"]}]
        started = codebuild.start_build(projectName=event["project"], environmentVariablesOverride=variables)
    while True:
        [build] = codebuild.batch_get_builds(ids=[started["build"]["id"]])["builds"]
        if build["buildStatus"] != "IN_PROGRESS":
            return build["buildStatus"], ecr.describe_images(**wanted)["imageDetails"][0]["imageTags"]
        time.sleep(0.02)
"""


def test_a_build_pushes_an_image_and_writes_a_log(make_project: Project, repository: str, local_aws: LocalAws) -> None:
    name = make_project()

    build = run(local_aws, name, "v1")

    where = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
    log = [event["message"] for event in local_aws.client("logs").get_log_events(**where)["events"]]
    [image] = local_aws.client("ecr").describe_images(repositoryName=repository.split("/")[1])["imageDetails"]
    assert build["buildStatus"] == "SUCCEEDED"
    assert build["phases"][-1]["phaseType"] == "COMPLETED"
    assert image["imageTags"] == ["v1"]
    assert f"Running command docker push {repository}:v1" in log
    assert log[log.index("Step line 4: RUN pip install nothing") + 1] == " ---> not run by the local AWS"
    assert local_aws.report()["builds"][name] == {"builds": 1, "failures": 0}


def test_an_immutable_tag_is_not_pushed_twice(make_project: Project, local_aws: LocalAws) -> None:
    name = make_project()
    run(local_aws, name, "v1")

    phase, why = failure(run(local_aws, name, "v1"))

    assert phase == "BUILD"
    assert "The image tag 'v1' already exists" in why
    assert local_aws.report()["builds"][name] == {"builds": 2, "failures": 1}


@pytest.mark.parametrize(
    ("files", "buildspec", "phase", "reason"),
    [
        ({"serving.py": ""}, BUILDSPEC, "BUILD", "open Dockerfile: no such file"),
        ({**SOURCE, "Dockerfile": DOCKERFILE.split("ENTRYPOINT")[0]}, BUILDSPEC, "BUILD", "no ENTRYPOINT"),
        ({"Dockerfile": DOCKERFILE}, BUILDSPEC, "BUILD", '"serving" is not in the source'),
        (SOURCE, "buildspec.yml", "DOWNLOAD_SOURCE", "stat buildspec.yml: no such file"),
        (SOURCE, BUILDSPEC.split("      - docker push", maxsplit=1)[0], "FINALIZING", "nothing was pushed"),
        (SOURCE, BUILDSPEC.replace("push $IMAGE_REPOSITORY_URI", "push other"), "BUILD", "No such image: other"),
        (SOURCE, BUILDSPEC.replace("$IMAGE_REPOSITORY_URI", "docker.io/x"), "BUILD", "its own account alone"),
        (SOURCE, BUILDSPEC.replace("docker push", "docker run"), "BUILD", "does not know docker run"),
        (SOURCE, BUILDSPEC.replace(":$IMAGE_TAG .", ":$IMAGE_TAG ../up"), "BUILD", "outside the source"),
    ],
)
def test_a_build_that_cannot_go_well_fails_in_its_phase(  # noqa: PLR0913, PLR0917 - a table's columns
    make_project: Project, local_aws: LocalAws, files: dict[str, str], buildspec: str, phase: str, reason: str
) -> None:
    build = run(local_aws, make_project(files, buildspec), "v1")

    assert build["buildStatus"] == "FAILED"
    assert failure(build)[0] == phase
    assert reason in failure(build)[1]


@pytest.mark.parametrize("location", ["code-nowhere/x.zip", "none"])
def test_a_source_that_is_not_there_fails_the_download(
    make_project: Project, local_aws: LocalAws, location: str
) -> None:
    build = run(local_aws, make_project(), "v1", sourceLocationOverride=location)

    assert failure(build)[0] == "DOWNLOAD_SOURCE"


def test_projects_are_listed_changed_and_forgotten(make_project: Project, local_aws: LocalAws) -> None:
    codebuild, name = local_aws.client("codebuild"), make_project()
    arn = codebuild.batch_get_projects(names=[name, "nobody"])["projects"][0]["arn"]

    codebuild.update_project(name=name, description="changed")
    changed = codebuild.batch_get_projects(names=[arn])["projects"][0]
    listed = codebuild.list_projects()["projects"]
    codebuild.delete_project(name=name)

    assert (changed["description"], changed["timeoutInMinutes"]) == ("changed", 60)
    assert name in listed
    assert codebuild.batch_get_projects(names=[name])["projectsNotFound"] == [name]


def test_codebuild_refuses_what_breaks_its_rules(make_project: Project, local_aws: LocalAws) -> None:
    codebuild, name, good = local_aws.client("codebuild"), make_project(), project("a/b", BUILDSPEC)

    with pytest.raises(codebuild.exceptions.ResourceNotFoundException, match="cannot be found"):
        codebuild.start_build(projectName="nobody")
    with pytest.raises(codebuild.exceptions.ResourceAlreadyExistsException):
        codebuild.create_project(name=name, **good)
    with pytest.raises(codebuild.exceptions.InvalidInputException, match="location is required"):
        codebuild.create_project(name="no-location", **{**good, "source": {"type": "S3"}})
    with pytest.raises(ClientError, match="enum value set"):
        codebuild.create_project(name="no-type", **{**good, "source": {"type": "FLOPPY"}})
    assert codebuild.batch_get_builds(ids=["nobody:1"])["buildsNotFound"] == ["nobody:1"]


def test_a_function_can_have_an_image_built(
    make_project: Project, repository: str, function: Project, local_aws: LocalAws
) -> None:
    name, event = function(IMAGE_BUILD, Timeout=30), {"project": make_project(), "tag": "v1"}
    event["repository"] = repository.split("/")[1]

    answers = [
        json.loads(local_aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))["Payload"].read())
        for _ in range(2)
    ]

    assert answers == [["SUCCEEDED", ["v1"]], "was there"]
