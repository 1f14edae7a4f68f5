"""How ECS refuses."""

from mlstack.local.json_service import ServiceError

NO_CLUSTER = "ClusterNotFoundException"
NO_SERVICE = "ServiceNotFoundException"


def client(message: str) -> ServiceError:
    """What a person asked for and cannot be."""
    return ServiceError("ClientException", message)


def invalid(message: str) -> ServiceError:
    """A parameter that is none."""
    return ServiceError("InvalidParameterException", message)
