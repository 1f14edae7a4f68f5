"""The names a template can speak of: its parameters, resources and mappings, and CloudFormation's own."""

from typing import TypeAlias

from checks import placeholders
from mlstack.assembly import Stack

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class UnresolvableError(ValueError):
    """A value of the template that cannot be worked out; the message says why."""


def reference(stack: Stack, name: str) -> Json:
    """What `Ref` gives for ``name``."""
    pseudo = placeholders.pseudo_parameters(stack)
    parameters = stack.template.get("Parameters", {})
    if name in pseudo:
        return pseudo[name]
    if name == "AWS::NoValue":
        return None
    if name in parameters:
        given: Json = parameters[name].get("Default")
        # The default of an SSM parameter is the path where the value is, not the value
        direct = given is not None and "AWS::SSM::Parameter::Value" not in parameters[name]["Type"]
        return given if direct else placeholders.parameter(parameters[name]["Type"])
    _must_exist(stack, name)
    return placeholders.reference(stack, name)


def attribute(stack: Stack, name: str, key: str) -> str:
    """What `Fn::GetAtt` gives for ``key`` of the resource ``name``."""
    _must_exist(stack, name)
    return placeholders.attribute(stack, name, key)


def mapped(stack: Stack, path: list[str]) -> Json:
    """What `Fn::FindInMap` gives for the mapping, the key and the name in ``path``."""
    value: Json = stack.template.get("Mappings", {})
    for key in path:
        if not isinstance(value, dict) or key not in value:
            message = f"the mapping {'/'.join(path)} does not exist"
            raise UnresolvableError(message)
        value = value[key]
    return value


def _must_exist(stack: Stack, name: str) -> None:
    if name not in stack.resources:
        message = f"{name} is neither a resource nor a parameter of {stack.name}"
        raise UnresolvableError(message)
