"""What a build says of itself is read whole, and told short."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_build.build import LONGEST_LOG, Build, read, running, tag_of, token
from shared.custom_resource import LONGEST_REASON

if TYPE_CHECKING:
    from mypy_boto3_codebuild.literals import StatusTypeType
    from mypy_boto3_codebuild.type_defs import BuildPhaseTypeDef, BuildTypeDef

LINK = "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/group/log-events/s"
DONE: "list[BuildPhaseTypeDef]" = [{"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED"}]


def told(status: "StatusTypeType", *phases: "BuildPhaseTypeDef", **logs: str) -> "BuildTypeDef":
    """A build as CodeBuild describes it."""
    return {
        "id": "project:1",
        "buildStatus": status,
        "phases": [*DONE, *phases],
        "logs": logs,  # type: ignore[typeddict-item]  # the fields of a test
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "any",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "OTHER", "value": "x"}, {"name": "IMAGE_TAG", "value": "tag"}],
        },
    }


def failed(phase: Any, *messages: str, status: Any = "FAILED") -> "BuildPhaseTypeDef":  # noqa: ANN401 (CodeBuild's literals)
    """A phase that did not end well."""
    return {
        "phaseType": phase,
        "phaseStatus": status,
        "contexts": [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": message} for message in messages],
    }


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (told("IN_PROGRESS"), ("tag", True, "", "")),
        (told("SUCCEEDED"), ("tag", False, "", "")),
        (
            told("FAILED", failed("BUILD", "docker: exit status 1"), failed("POST_BUILD", "later")),
            ("tag", False, "BUILD", "COMMAND_EXECUTION_ERROR: docker: exit status 1"),
        ),
        (
            told("FAILED", failed("BUILD", "one\n two", "")),
            ("tag", False, "BUILD", "COMMAND_EXECUTION_ERROR: one two; COMMAND_EXECUTION_ERROR"),
        ),
        (told("TIMED_OUT", failed("QUEUED", status="TIMED_OUT")), ("tag", False, "QUEUED", "TIMED_OUT")),
        ({"id": "project:1"}, ("", True, "", "")),
    ],
)
def test_a_build_is_read_with_the_first_phase_that_failed(
    build: "BuildTypeDef", said: tuple[str, bool, str, str]
) -> None:
    made = read(build)

    assert (made.tag, made.runs, made.phase, made.reason) == said


def test_an_environment_tells_its_tag_or_none() -> None:
    assert tag_of(told("IN_PROGRESS")["environment"]) == "tag"
    assert tag_of(None) == ""


@pytest.mark.parametrize(
    ("logs", "log"),
    [
        ({"groupName": "group", "streamName": "stream", "deepLink": LINK}, LINK),
        ({"groupName": "group", "streamName": "stream", "deepLink": "x" * 300}, "group stream"),
        ({"groupName": "group", "streamName": "stream"}, "group stream"),
        ({"deepLink": LINK}, ""),
        ({}, ""),
    ],
)
def test_a_log_is_a_link_that_leaves_room_or_its_name(logs: dict[str, str], log: str) -> None:
    assert read(told("FAILED", **logs)).log == log


@pytest.mark.parametrize(
    ("build", "failure"),
    [
        (Build("p:1", "t", "FAILED", "BUILD", "no", "link"), "no image: BUILD: no (log: link)"),
        (Build("p:1", "t", "STOPPED"), "no image: it ended as STOPPED (build p:1)"),
        (Build("p:1", "t", "SUCCEEDED", log="link"), "no image: it succeeded, but pushed none (log: link)"),
    ],
)
def test_a_failure_says_where_why_and_where_to_read_on(build: Build, failure: str) -> None:
    assert build.failure == failure


@given(reason=st.text(max_size=2000), log=st.text(max_size=LONGEST_LOG), number=st.text(max_size=120))
def test_a_failure_always_fits_and_never_loses_its_log(reason: str, log: str, number: str) -> None:
    build = Build(number, "tag", "FAILED", "BUILD", reason, log)

    assert build.failure.startswith("no image: BUILD")
    assert len(build.failure) <= LONGEST_REASON
    assert (log or number) in build.failure


@pytest.mark.parametrize(
    ("status", "phase", "never_began"),
    [
        ("FAILED", "SUBMITTED", True),
        ("FAILED", "PROVISIONING", True),
        ("FAULT", "PROVISIONING", True),
        ("FAILED", "DOWNLOAD_SOURCE", True),
        ("FAILED", "BUILD", False),
        ("TIMED_OUT", "QUEUED", False),
        ("STOPPED", "PROVISIONING", False),
        ("FAILED", "", False),
        ("SUCCEEDED", "", False),
        ("IN_PROGRESS", "", False),
    ],
)
def test_only_a_build_that_failed_before_its_commands_may_be_repeated(
    status: str, phase: str, *, never_began: bool
) -> None:
    assert Build("p:1", "tag", status, phase).never_began is never_began


def test_the_newest_running_build_of_the_tag_is_found_and_no_other() -> None:
    ended, other, first, second = (
        Build("p:4", "tag", "SUCCEEDED"),
        Build("p:3", "other", "IN_PROGRESS"),
        Build("p:2", "tag", "IN_PROGRESS"),
        Build("p:1", "tag", "IN_PROGRESS"),
    )

    assert running([ended, other, first, second], "tag") == first
    assert running([ended, other], "tag") is None


@given(ids=st.lists(st.text(max_size=5), unique=True, max_size=5), data=st.data())
def test_a_token_is_the_same_until_a_build_of_the_tag_was_added(ids: list[str], data: st.DataObject) -> None:
    builds = [Build(one, "tag", "FAILED") for one in ids]
    shuffled = data.draw(st.permutations(builds))

    assert token(shuffled, "tag") == token([*builds, Build("new", "other", "FAILED")], "tag")
    assert token([*builds, Build("longer than any", "tag", "FAILED")], "tag") != token(builds, "tag")
    assert token(builds, "other") != token(builds, "tag")
