"""A request checked against botocore's own model of Rekognition, as the service checks it."""

from functools import cache
from typing import Any

from botocore.model import ServiceModel, StructureShape

from mlstack.local import service_model
from mlstack.local.rekognition.example import SERVICE
from mlstack.local.rekognition.failure import Code, RekognitionError, UnknownOperationError


@cache
def answer_shape(operation: str) -> StructureShape:
    """What botocore expects of an operation's answer."""
    shape = model().operation_model(operation).output_shape
    if shape is None:
        raise UnknownOperationError(operation)
    return shape


def model() -> ServiceModel:
    """Rekognition as botocore knows it."""
    return service_model.model(SERVICE)


def check(operation: str, asked: dict[str, Any]) -> None:
    """Raise Rekognition's ValidationException where the request breaks its model."""
    if operation not in model().operation_names:
        raise UnknownOperationError(operation)
    message = service_model.complaint(SERVICE, operation, asked)
    if message:
        raise RekognitionError(Code.VALIDATION, message)
