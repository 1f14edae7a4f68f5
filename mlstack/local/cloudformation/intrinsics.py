"""Intrinsic functions that moto lacks or gets wrong; one that nobody knows fails instead of passing through."""

from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import cloudformation_backends

from mlstack.local.mend import replace

CONDITIONS = frozenset({"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"})
"""moto cleans what is inside them first and decides afterwards."""

KNOWN_ONLY_TO_FAIL = "the local AWS does not know the intrinsic function {name}"


def mend() -> None:
    """Teach moto ``Fn::GetStackOutput`` (the CDK's weak references) and exports of stacks made by change sets."""
    moto_clean = parsing.clean_json

    def clean_json(resource_json: Any, resources_map: parsing.ResourceMap) -> Any:  # noqa: ANN401 - moto's signature
        if not isinstance(resource_json, dict) or len(resource_json) != 1:
            return moto_clean(resource_json, resources_map)
        [(name, argument)] = resource_json.items()
        if name == "Fn::GetStackOutput":
            return _stack_output(clean_json(argument, resources_map), resources_map)
        if name == "Fn::ImportValue":
            return _export(str(clean_json(argument, resources_map)), resources_map)
        if name == "Fn::GetAtt" and isinstance(argument, str):
            resource_json = {name: argument.split(".", 1)}
        cleaned = moto_clean(resource_json, resources_map)
        if isinstance(cleaned, dict) and name in cleaned and str(name).startswith("Fn::") and name not in CONDITIONS:
            detail = f" {argument}" if name == "Fn::GetAtt" else ""
            raise ValidationError(message=KNOWN_ONLY_TO_FAIL.format(name=name + detail))
        return cleaned

    replace(parsing, "clean_json", clean_json)
    replace(parsing.ResourceMap, "parse_ssm_parameter", _ssm(parsing.ResourceMap.parse_ssm_parameter))


def _stack_output(argument: dict[str, str], resources_map: parsing.ResourceMap) -> str:
    account, region = str(resources_map["AWS::AccountId"]), str(resources_map["AWS::Region"])
    stack_name, output = argument["StackName"], argument["OutputName"]
    backend = cloudformation_backends[account][argument.get("Region", region)]
    for stack in backend.stacks.values():
        if stack_name in {stack.name, stack.stack_id}:
            for made in stack.output_map.values():
                if made and made.key == output:
                    return str(made.value)
    raise ValidationError(message=f"Fn::GetStackOutput: stack {stack_name} has no output {output}")


def _export(name: str, resources_map: parsing.ResourceMap) -> str:
    account, region = str(resources_map["AWS::AccountId"]), str(resources_map["AWS::Region"])
    for stack in cloudformation_backends[account][region].stacks.values():
        for export in stack.exports:
            if export.name == name:
                return str(export.value)
    raise ValidationError(message=f"No export named {name} found.")


def _ssm(moto_parse: Any) -> Any:  # noqa: ANN401 - moto's method, passed on
    def parse_ssm_parameter(self: parsing.ResourceMap, value: str, value_type: str) -> str:
        try:
            return str(moto_parse(self, value, value_type))
        except AttributeError as error:
            message = f"Unable to fetch parameters [{value}] from parameter store for this account."
            raise ValidationError(message=message) from error

    return parse_ssm_parameter
