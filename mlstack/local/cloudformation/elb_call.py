"""What the types of AWS::ElasticLoadBalancingV2 have in common: how calls, tags and attributes are written."""

from collections.abc import Callable
from typing import Any

from mlstack.local.cloudformation.called import Properties, tags
from mlstack.local.cloudformation.typed import typed

Client = Any


def call(operation: str, properties: Properties, names: tuple[str, ...], **more: object) -> dict[str, Any]:
    """What an operation is asked: those of a template's properties that it takes, and more."""
    given = {name: properties[name] for name in names if name in properties}
    return typed("elbv2", operation, {**given, **more})


def differs(new: Properties, old: Properties, names: tuple[str, ...]) -> bool:
    """Whether any of these properties changed."""
    return any(new.get(name) != old.get(name) for name in names)


def tagged(elb: Client, arn: str, new: Properties, old: Properties) -> None:
    """Give a resource its new tags."""
    lost = [key for key in tags(old) if key not in tags(new)]
    if lost:
        elb.remove_tags(ResourceArns=[arn], TagKeys=lost)
    if tags(new) and tags(new) != tags(old):
        written = [{"Key": key, "Value": value} for key, value in tags(new).items()]
        elb.add_tags(ResourceArns=[arn], Tags=written)


def attributed(change: Callable[..., object], said: object, before: object = None, **of: str) -> None:
    """Set the attributes of a resource; those that a template no longer names stay, as on AWS."""
    if isinstance(said, list) and said and said != before:
        written = [{"Key": str(one["Key"]), "Value": _text(one["Value"])} for one in said]
        change(**of, Attributes=written)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
