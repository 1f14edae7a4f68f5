"""A repository, and a project that builds what a test puts into a zip."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from tests.local.builds import project
from tests.local.fake_image import BUILDSPEC, SOURCE
from tests.local.packing import zipped

Project = Callable[..., str]


@pytest.fixture
def repository(local_aws: LocalAws) -> Iterator[str]:
    """The URI of a repository whose tags cannot be changed."""
    ecr, name = local_aws.client("ecr"), f"repository-{uuid4().hex[:8]}"
    made = ecr.create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    yield str(made["repository"]["repositoryUri"])
    ecr.delete_repository(repositoryName=name, force=True)


@pytest.fixture
def make_project(local_aws: LocalAws, code_bucket: str, repository: str) -> Iterator[Project]:
    """Makes a project of a source and gives its name."""
    codebuild, names = local_aws.client("codebuild"), []

    def make(files: dict[str, str] | None = None, buildspec: str = BUILDSPEC) -> str:
        name = f"project-{uuid4().hex[:8]}"
        source = zipped(SOURCE if files is None else files)
        local_aws.client("s3").put_object(Bucket=code_bucket, Key=f"{name}.zip", Body=source)
        said = project(f"{code_bucket}/{name}.zip", buildspec, IMAGE_REPOSITORY_URI=repository)
        names.append(codebuild.create_project(name=name, **said)["project"]["name"])
        return name

    yield make
    logs = local_aws.client("logs")
    for name in names:
        codebuild.delete_project(name=name)
        for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/codebuild/{name}")["logGroups"]:
            logs.delete_log_group(logGroupName=group["logGroupName"])
