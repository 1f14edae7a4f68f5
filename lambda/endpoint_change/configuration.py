"""The configuration that serves a model: a serverless one, or what an endpoint has, with the model replaced."""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

VARIANT = "AllTraffic"
"""As CloudFormation's endpoints call theirs: an endpoint may not change the name of its variant."""
NAMED = frozenset({"EndpointConfigName", "Tags"})
RESERVED = "aws:"
Configuration = dict[str, Any]
Tag = Mapping[str, str]


class NotReplaceableError(Exception):
    """The endpoint serves its model in a way that leaves open what is to be replaced."""


def serverless(deploy: Mapping[str, Any], model: str) -> Configuration:
    """The configuration of an endpoint that the workflow makes."""
    size = {"MemorySizeInMB": int(deploy["memory_mb"]), "MaxConcurrency": int(deploy["max_concurrency"])}
    return {"ProductionVariants": [{"VariantName": VARIANT, "ModelName": model, "ServerlessConfig": size}]}


def copied(told: Mapping[str, Any], shape: StructureShape, model: str) -> Configuration:
    """What SageMaker tells of a configuration, as it takes it, with another model; ``shape`` is the request's.

    Raises:
        NotReplaceableError: where not exactly one variant has exactly one model.
    """
    kept: Configuration = {name: value for name, value in _fit(shape, told).items() if name not in NAMED}
    variants = kept["ProductionVariants"]
    name = told.get("EndpointConfigName")
    if len(variants) != 1:
        message = f"{name} has {len(variants)} variants: deploy to an endpoint that has one"
        raise NotReplaceableError(message)
    [variant] = variants
    if "ModelName" not in variant:
        message = f"{name} serves inference components: update the component, or deploy to another endpoint"
        raise NotReplaceableError(message)
    if any("ModelNameOverride" in pool for pool in variant.get("InstancePools", ())):
        message = f"{name} has a model of its own for some instance types: deploy to an endpoint that has one model"
        raise NotReplaceableError(message)
    return kept | {"ProductionVariants": [variant | {"ModelName": model}]}


def same(wanted: Configuration, told: Mapping[str, Any], shape: StructureShape) -> bool:
    """Whether a configuration is the wanted one, but for what SageMaker fills in by itself."""
    there = {name: value for name, value in _fit(shape, told).items() if name not in NAMED and _says_something(value)}
    return there.keys() == {name for name, value in wanted.items() if _says_something(value)} and _holds(there, wanted)


def joined(tags: Sequence[Tag], more: Sequence[Tag]) -> list[dict[str, str]]:
    """Tags, the later ones over the earlier; AWS's own, such as CloudFormation's, nobody may give."""
    values = {tag["Key"]: tag["Value"] for tag in (*tags, *more) if not tag["Key"].startswith(RESERVED)}
    return [{"Key": key, "Value": value} for key, value in values.items()]


def _fit(shape: Shape, value: Any) -> Any:  # noqa: ANN401 (any part of an answer)
    """The part of an answer that a request may have: SageMaker tells times and ARNs that it does not take."""
    if isinstance(shape, StructureShape):
        there = {name: part for name, part in value.items() if name in shape.members and part not in (None, [])}
        return {name: _fit(shape.members[name], part) for name, part in there.items()}
    if isinstance(shape, ListShape):
        return [_fit(shape.member, part) for part in value]
    return value


def _says_something(value: object) -> bool:
    """Whether a part differs from its absence."""
    if isinstance(value, Mapping):
        return any(_says_something(part) for part in value.values())
    return value not in (None, False, [], "")


def _holds(there: Any, wanted: Any) -> bool:  # noqa: ANN401 (any part of a request)
    """Whether everything that is wanted is there."""
    if isinstance(wanted, Mapping):
        parts = ((there.get(name) if isinstance(there, Mapping) else None, part) for name, part in wanted.items())
        return all(_holds(found, part) for found, part in parts if _says_something(part) or _says_something(found))
    if isinstance(wanted, list):
        if not isinstance(there, list) or len(there) != len(wanted):
            return False
        return all(_holds(*pair) for pair in zip(there, wanted, strict=True))
    return bool(there == wanted)
