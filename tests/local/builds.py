"""Builds of images on the local AWS."""

from typing import Any

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually

ROLE = "arn:aws:iam::123456789012:role/any"


def project(location: str, buildspec: str, **variables: str) -> dict[str, Any]:
    """A project as CodeBuild's calls take it."""
    return {
        "serviceRole": ROLE,
        "artifacts": {"type": "NO_ARTIFACTS"},
        "source": {"type": "S3", "location": location, "buildspec": buildspec},
        "environment": {
            "type": "LINUX_CONTAINER",
            "computeType": "BUILD_GENERAL1_SMALL",
            "image": "aws/codebuild/standard:7.0",
            "environmentVariables": [{"name": name, "value": value} for name, value in variables.items()],
        },
    }


def run(aws: LocalAws, name: str, tag: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - a request's fields
    """Run a project for a tag; the build as it ended."""
    codebuild = aws.client("codebuild")
    variables = [{"name": "IMAGE_TAG", "value": tag}]
    started = codebuild.start_build(projectName=name, environmentVariablesOverride=variables, **more)["build"]["id"]

    def ended() -> dict[str, Any] | None:
        [build] = codebuild.batch_get_builds(ids=[started])["builds"]
        return build if build["buildComplete"] else None

    return eventually(ended) or {}


def failure(build: dict[str, Any]) -> tuple[str, str]:
    """The phase that failed, and why."""
    [phase] = [phase for phase in build["phases"] if phase.get("phaseStatus") == "FAILED"]
    return phase["phaseType"], phase["contexts"][0]["message"]
