"""AWS::StepFunctions::StateMachine: with its type, its definition in any form, and deleted with what it runs."""

import json
import re
from typing import Any

from moto.core.utils import tags_from_cloudformation_tags_list
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from mlstack.local import runtime
from mlstack.local.cloudformation.spelling import lower
from mlstack.local.mend import replace

Json = dict[str, Any]
PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def mend() -> None:
    """Replace moto's creation, update and deletion, and add the attributes that it lacks."""
    moto_has, moto_attribute = StateMachine.has_cfn_attr, StateMachine.get_cfn_attribute

    def get_cfn_attribute(self: StateMachine, attribute_name: str) -> Any:  # noqa: ANN401 - moto's signature
        return self.arn if attribute_name == "Arn" else moto_attribute(self, attribute_name)

    replace(StateMachine, "cloudformation_name_type", staticmethod(lambda: "StateMachineName"))
    replace(StateMachine, "create_from_cloudformation_json", classmethod(_create))
    replace(StateMachine, "update_from_cloudformation_json", classmethod(_update))
    replace(StateMachine, "delete_from_cloudformation_json", classmethod(_delete))
    replace(StateMachine, "has_cfn_attr", classmethod(lambda cls, attr: attr == "Arn" or bool(cls and moto_has(attr))))
    replace(StateMachine, "get_cfn_attribute", get_cfn_attribute)


def definition(properties: Json, region: str) -> str:
    """The definition in whichever of its three forms, with its substitutions put in."""
    if "DefinitionString" in properties:
        text = str(properties["DefinitionString"])
    elif "DefinitionS3Location" in properties:
        place = properties["DefinitionS3Location"]
        wanted = {"Bucket": place["Bucket"], "Key": place["Key"]}
        if "Version" in place:
            wanted["VersionId"] = place["Version"]
        text = runtime.running().client("s3", region).get_object(**wanted)["Body"].read().decode()
    else:
        text = json.dumps(properties["Definition"])
    given = properties.get("DefinitionSubstitutions", {})
    return PLACEHOLDER.sub(lambda found: str(given.get(found[1], found[0])), text)


def _create(
    cls: type[StateMachine],
    /,
    resource_name: str,
    cloudformation_json: Json,
    account_id: str,
    region_name: str,
    **kwargs: Any,  # noqa: ANN401 - moto's signature
) -> StateMachine:
    del cls, kwargs
    said = cloudformation_json["Properties"]
    return _backend(account_id, region_name).create_state_machine(
        name=said.get("StateMachineName", resource_name),
        definition=definition(said, region_name),
        roleArn=said["RoleArn"],
        tags=_tags(said),
        loggingConfiguration=lower(said.get("LoggingConfiguration")),
        tracingConfiguration=lower(said.get("TracingConfiguration")),
        sm_type=said.get("StateMachineType", "STANDARD"),
    )


def _update(  # noqa: PLR0913, PLR0917 - moto's signature
    cls: type[StateMachine],
    original_resource: StateMachine,
    new_resource_name: str,
    cloudformation_json: Json,
    account_id: str,
    region_name: str,
) -> StateMachine:
    said, backend = cloudformation_json["Properties"], _backend(account_id, region_name)
    name = said.get("StateMachineName", original_resource.name)
    if (name, said.get("StateMachineType", "STANDARD")) != (original_resource.name, original_resource.type):
        wanted = new_resource_name if name == original_resource.name else name
        made = cls.create_from_cloudformation_json(wanted, cloudformation_json, account_id, region_name)
        backend.delete_state_machine(original_resource.arn)
        return made
    backend.tagger.delete_all_tags_for_resource(original_resource.arn)
    backend.tagger.tag_resource(original_resource.arn, _tags(said))
    return backend.update_state_machine(
        original_resource.arn,
        definition=definition(said, region_name),
        role_arn=said["RoleArn"],
        logging_configuration=lower(said.get("LoggingConfiguration")),
        tracing_configuration=lower(said.get("TracingConfiguration")),
    )


def _delete(
    cls: type[StateMachine], resource_name: str, cloudformation_json: Json, account_id: str, region_name: str
) -> None:
    del cls, cloudformation_json
    _backend(account_id, region_name).delete_state_machine(resource_name)


def _backend(account: str, region: str) -> StepFunctionsParserBackend:
    return stepfunctions_parser_backends[account][region]


def _tags(said: Json) -> list[dict[str, str]]:
    tags = tags_from_cloudformation_tags_list(said.get("Tags", []))
    return [{"key": name, "value": value} for name, value in tags.items()]
