"""How Rekognition says no."""

from http import HTTPStatus


class RekognitionError(Exception):
    """An answer other than the one asked for: AWS's code, its words, its HTTP status."""

    def __init__(self, code: str, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class UnknownOperationError(Exception):
    """An operation that Rekognition has and the local AWS has not."""
