"""The project's own inference container is built, deployed and asked as it is on AWS."""

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.project import ROOT
from tests.local.builds import project, run
from tests.local.fake_image import BUILDSPEC
from tests.local.packing import zipped_folder
from tests.local.sagemaker.conftest import SERVERLESS, Hosting

SOURCE = ROOT / "containers" / "inference"
STARTER = SOURCE / "starter" / "model.tar.gz"
PHOTO = next((ROOT / "examples" / "photos").glob("*.jpg"))


@pytest.fixture
def endpoint(hosting: Hosting, local_aws: LocalAws) -> Iterator[str]:
    """A serverless endpoint of the starter model."""
    s3, codebuild, ecr = (local_aws.client(name) for name in ("s3", "codebuild", "ecr"))
    bucket = hosting.place.bucket
    s3.put_object(Bucket=bucket, Key="inference.zip", Body=zipped_folder(SOURCE))
    s3.put_object(Bucket=bucket, Key="starter.tar.gz", Body=STARTER.read_bytes())
    uri = ecr.create_repository(repositoryName="inference")["repository"]["repositoryUri"]
    said = project(f"{bucket}/inference.zip", BUILDSPEC, IMAGE_REPOSITORY_URI=uri)
    codebuild.create_project(name="inference", **said)
    assert run(local_aws, "inference", "v1")["buildStatus"] == "SUCCEEDED"
    model = hosting.model(Image=f"{uri}:v1", ModelDataUrl=f"s3://{bucket}/starter.tar.gz")
    yield str(hosting.endpoint(hosting.config({**SERVERLESS, "ModelName": model}))["EndpointName"])
    codebuild.delete_project(name="inference")
    ecr.delete_repository(repositoryName="inference", force=True)


def test_the_starter_model_says_what_a_photo_shows(hosting: Hosting, endpoint: str) -> None:
    runtime = hosting.aws.client("sagemaker-runtime")

    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=PHOTO.read_bytes(), ContentType="image/jpeg")
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"no photo", ContentType="image/jpeg")

    said, why = json.loads(answer["Body"].read()), refused.value.response
    assert answer["ContentType"] == "application/json"
    assert sum(one["score"] for one in said["predictions"]) == pytest.approx(1, abs=0.01)
    assert why["OriginalStatusCode"] in {400, 415}  # type: ignore[typeddict-item]  # the operation's own
    assert json.loads(why["OriginalMessage"])["error"]["code"]  # type: ignore[typeddict-item]  # the same
