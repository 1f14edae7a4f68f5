"""What the catalogue knows of an instance type; nothing of one that SageMaker does not have."""

from catalogue.instance_types import InstanceType, UnknownInstanceTypeError, instance_type


def machine(text: str) -> InstanceType | None:
    """The instance type of a name; None for a name that is incomplete or unknown."""
    try:
        return instance_type(text)
    except UnknownInstanceTypeError:
        return None


def accelerator(text: str) -> str:
    """The accelerator of an instance type, `none` for a plain CPU; empty where the type is unknown."""
    found = machine(text)
    return found.accelerator if found else ""
