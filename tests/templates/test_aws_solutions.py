"""No finding without its acknowledgement, no acknowledgement without its finding."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from stacks.aws_solutions import AwsSolutions, Finding, unresolved
from stacks.components.acknowledgement import Acknowledgement, acknowledge

S1 = Finding("AwsSolutions-S1", "no access logs", "stage/Stack/Bucket/Resource")


def test_a_finding_that_nobody_acknowledged_is_reported() -> None:
    assert list(unresolved([S1], [])) == [S1]


def test_a_finding_is_acknowledged_on_its_construct_or_above() -> None:
    for path in ("stage", "stage/Stack/Bucket", S1.path):
        assert list(unresolved([S1], [Acknowledgement(S1.rule, path)])) == []


def test_an_acknowledgement_beside_the_finding_does_not_count() -> None:
    elsewhere = Acknowledgement(S1.rule, "stage/Stack/Buck")

    left = [found.path for found in unresolved([S1], [elsewhere])]

    assert left == [S1.path, elsewhere.path]


def test_an_acknowledgement_of_nothing_is_reported() -> None:
    [left] = unresolved([], [Acknowledgement("AwsSolutions-S1", "stage/Stack/Queue")])

    assert left.path == "stage/Stack/Queue"
    assert "remove the acknowledgement" in left.description


def staged(*, acknowledged: bool) -> cdk.App:
    """An app with one bucket that has a finding."""
    app = cdk.App()
    stage = cdk.Stage(app, "stage")
    bucket = s3.Bucket(cdk.Stack(stage, "Stack"), "Bucket", enforce_ssl=True)
    if acknowledged:
        acknowledge(bucket, "AwsSolutions-S1", "a test")
    cdk.Validations.of(stage).add_plugins(AwsSolutions(stage))
    return app


def test_synthesis_fails_on_a_finding_and_passes_once_it_is_acknowledged() -> None:
    with pytest.raises(RuntimeError, match="AwsSolutions-S1"):
        staged(acknowledged=False).synth()

    assert staged(acknowledged=True).synth().directory
