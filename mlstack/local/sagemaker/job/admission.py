"""What SageMaker refuses before it begins: a role that it cannot take on, an image or data that are not there."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.container.image import URI, Image, ImageMissingError
from mlstack.local.container.interpreter import NoPythonError, python_of
from mlstack.local.container.process import PYTHON
from mlstack.local.json_service import Json, ServiceError
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.data import FAILED_DOWNLOAD, NO_OBJECTS, exists
from mlstack.local.sagemaker.job.record import JobError
from mlstack.local.sagemaker.location import place
from mlstack.local.sagemaker.registry import INVALID

SERVICE = "sagemaker.amazonaws.com"
NO_ROLE = (
    "Could not assume role {role}. Please ensure that the role exists and allows principal "
    "'sagemaker.amazonaws.com' to assume the role."
)
NO_REPOSITORY = (
    "Cannot find repository: {repository} in registry ID: {account} Please check if your ECR repository exists and "
    "role {role} has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, "
    "ecr:GetDownloadUrlForLayer"
)
"""AWS's own sentence: https://github.com/aws/amazon-sagemaker-examples/issues/2534"""
NO_IMAGE = "Cannot find the requested image: {image}"
"""AWS's own words: https://github.com/aws/amazon-sagemaker-examples/issues/1476"""
NOT_PULLED = (
    "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect."
)
NOT_RUNNABLE = "the local AWS cannot run {image}: it runs only images that its own CodeBuild has built"
NOT_PYTHON = "the local AWS cannot run {program}: it runs nothing but python"


def check_role(hall: Hall, role: str) -> None:
    """Raise ServiceError for a role that SageMaker cannot take on."""
    try:
        found = hall.client("iam").get_role(RoleName=role.rpartition("/")[2])["Role"]
    except ClientError as error:
        raise ServiceError(INVALID, NO_ROLE.format(role=role)) from error
    if found["Arn"] != role or not any(_lets_in(one) for one in found["AssumeRolePolicyDocument"]["Statement"]):
        raise ServiceError(INVALID, NO_ROLE.format(role=role))


def check_image(hall: Hall, image: str, role: str) -> None:
    """Raise ServiceError for an image of this account that is not in ECR."""
    try:
        hall.images.find(image, hall.place.account, hall.client)
    except ImageMissingError as error:
        named = URI.fullmatch(image)
        if named is not None and error.__cause__ is not None:
            said = NO_REPOSITORY.format(repository=named["repository"], account=named["account"], role=role)
            raise ServiceError(INVALID, said) from error
        raise ServiceError(INVALID, NO_IMAGE.format(image=image)) from error


def check_data(hall: Hall, sources: Iterable[Json], role: str) -> None:
    """Raise ServiceError for a data source in S3 under which there is nothing."""
    for source in sources:
        if source and not exists(hall.client, source):
            raise ServiceError(INVALID, nothing(hall, source, role))


def nothing(hall: Hall, source: Json, role: str) -> str:
    """How SageMaker says that there is no data."""
    uri = source["S3Uri"]
    return NO_OBJECTS.format(uri=uri, region=hall.place.region, role=role, bucket=place(uri)[0])


def missing(hall: Hall, source: Json, role: str) -> JobError:
    """The same for data that went away since the job was made."""
    return JobError(FAILED_DOWNLOAD.format(why=nothing(hall, source, role)))


def runnable(hall: Hall, uri: str) -> Image:
    """The image of a job; JobError where there is none that runs here."""
    try:
        image = hall.images.find(uri, hall.place.account, hall.client)
    except ImageMissingError as error:
        raise JobError(NOT_PULLED) from error
    if image is None:
        raise JobError(NOT_RUNNABLE.format(image=uri))
    return image


def python(image: Image, entrypoint: tuple[str, ...]) -> str:
    """The Python that runs an image; JobError where none does, or where it is no Python that shall run."""
    if entrypoint and PYTHON.fullmatch(entrypoint[0].rpartition("/")[2]) is None:
        raise JobError(NOT_PYTHON.format(program=entrypoint[0]))
    try:
        return python_of(image)
    except NoPythonError as error:
        raise JobError(str(error)) from error


def _lets_in(statement: Any) -> bool:  # noqa: ANN401 - JSON
    principal = statement.get("Principal", {})
    named = principal.get("Service", []) if isinstance(principal, dict) else principal
    return statement.get("Effect") == "Allow" and (
        named == "*" or SERVICE in ([named] if isinstance(named, str) else named)
    )
