"""How Rekognition says no."""

from enum import StrEnum
from http import HTTPStatus


class Code(StrEnum):
    """The codes of Rekognition's errors."""

    IDEMPOTENT_PARAMETER_MISMATCH = "IdempotentParameterMismatchException"
    IMAGE_TOO_LARGE = "ImageTooLargeException"
    INTERNAL_SERVER_ERROR = "InternalServerError"
    INVALID_IMAGE_FORMAT = "InvalidImageFormatException"
    INVALID_PAGINATION_TOKEN = "InvalidPaginationTokenException"  # noqa: S105 - no secret
    INVALID_PARAMETER = "InvalidParameterException"
    INVALID_S3_OBJECT = "InvalidS3ObjectException"
    LIMIT_EXCEEDED = "LimitExceededException"
    PROVISIONED_THROUGHPUT_EXCEEDED = "ProvisionedThroughputExceededException"
    RESOURCE_ALREADY_EXISTS = "ResourceAlreadyExistsException"
    RESOURCE_NOT_FOUND = "ResourceNotFoundException"
    VALIDATION = "ValidationException"


class RekognitionError(Exception):
    """An answer other than the one asked for: AWS's code, its words, its HTTP status."""

    def __init__(self, code: Code, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class UnknownOperationError(Exception):
    """An operation that Rekognition has and the local AWS has not."""
