"""A function is shown by the names that a reader of the stacks knows."""

import pytest
from rich.console import Console

from mlstack.local.report import Called, Report, nothing
from mlstack.local.tables import builds, endpoints, jobs, pictured, readable, rekognition


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("mlstack-sandbox-Vision-LabelsFunctionF7E382BF-2V0UOTZ9N6UV", "Vision/LabelsFunction"),
        (
            "mlstack-my-stage-Storage-CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F-UTE5YBSFU4KY",
            "Storage/CustomS3AutoDeleteObjects",
        ),
        ("function-1a2b3c4d", "function-1a2b3c4d"),
    ],
)
def test_a_function_is_named_by_its_stack_and_construct(name: str, shown: str) -> None:
    assert readable(name) == shown


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        (
            f"1.dkr.ecr.eu-west-1.amazonaws.com/mlstack-a-b-images-inferencerepository6f50f241-6:{'c57061bfa4a2' * 5}",
            "inference:c57061bfa4a2",
        ),
        ("1.dkr.ecr.us-east-1.amazonaws.com/team/waste:v1", "waste:v1"),
        (f"x/waste@sha256:{'0123456789ab' * 5}", "waste@sha256:0123456789ab"),
        ("waste", "waste"),
        ("", ""),
    ],
)
def test_an_image_is_shown_by_its_name_and_twelve_digits(image: str, shown: str) -> None:
    assert pictured(image) == shown


def test_what_rekognition_was_asked_is_told_with_what_it_would_cost() -> None:
    called = Called(calls=5, billed=2, throttled=1, refused=2)
    console = Console(width=100)

    with console.capture() as said:
        console.print(rekognition({**nothing(), "rekognition": {"DetectLabels": called}}))

    [row] = [line.split() for line in said.get().splitlines() if "DetectLabels" in line]
    assert row == ["DetectLabels", "5", "2", "1", "2"]


def test_jobs_are_told_with_what_became_of_them() -> None:
    report = Report()
    report.job("mlstack-sandbox-0badcafe", "training job", status="Failed", why="no pictures")
    console = Console(width=120)

    with console.capture() as captured:
        console.print(jobs(report.read()))

    said = " ".join(captured.get().split())
    assert "training job mlstack-sandbox-0badcafe Failed no pictures" in said


def test_endpoints_are_told_with_what_runs_for_them() -> None:
    report, console = Report(), Console(width=120)
    report.endpoint("waste", hosting="serverless")
    report.endpoint("foreign", hosting="classic", runs_on="not runnable here: x/y:1")
    report.container("stream", "waste", "123.dkr.ecr.us-east-1.amazonaws.com/inference:v1", 42)
    report.invocation("waste", error=True, cold=True)
    report.build("project", error=True)

    with console.capture() as said:
        console.print(endpoints(report.read()))
        console.print(builds(report.read()))
    report.container("stream", "waste", "", None)

    rows = {line.split()[0]: line.split() for line in said.get().splitlines() if line.strip()}
    assert rows["waste"] == ["waste", "serverless", "inference:v1", "process", "42", "1", "1", "1"]
    assert rows["foreign"] == ["foreign", "classic", "not", "runnable", "here:", "x/y:1", "none", "0", "0", "0"]
    assert rows["project"] == ["project", "1", "1"]
    assert report.read()["containers"] == {}


@pytest.mark.parametrize(
    ("operation", "billed"),
    [
        ("DetectLabels", 1),
        ("IndexFaces", 1),
        ("SearchFacesByImage", 1),
        ("StartLabelDetection", 1),
        ("GetLabelDetection", 0),
        ("ListFaces", 0),
        ("DescribeCollection", 0),
        ("CreateCollection", 0),
        ("DeleteCollection", 0),
        ("DeleteFaces", 0),
    ],
)
def test_only_what_aws_charges_for_counts_as_billed(operation: str, billed: int) -> None:
    report = Report()

    report.rekognition(operation)

    counts = report.read()["rekognition"][operation]
    assert (counts["calls"], counts["billed"]) == (1, billed)
