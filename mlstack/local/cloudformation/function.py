"""AWS::Lambda::Function: properties that moto drops, updates of code and settings, inline code that is not Python."""

import base64
import io
import zipfile
from typing import Any

from moto.awslambda.models import LambdaFunction, _zipfile_content

from mlstack.local import runtime
from mlstack.local.mend import replace
from mlstack.local.report import Gap

DEFAULTS = {"Timeout": 3, "MemorySize": 128, "Environment": {"Variables": {}}, "Description": ""}
"""What a property becomes that an update leaves out."""


def mend() -> None:
    """Wrap moto's creation, replace its update."""
    create = LambdaFunction.create_from_cloudformation_json

    def created(
        cls: type[LambdaFunction],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ANN401 - moto's signature
    ) -> LambdaFunction:
        del cls
        properties = cloudformation_json["Properties"]
        inline = properties["Code"].get("ZipFile") if not _is_python(properties) else None
        function = create(resource_name, cloudformation_json, account_id, region_name, **kwargs)
        if inline is not None:
            _put_inline(function, "index.js", inline)
        _settle(function, properties)
        for layer in properties.get("Layers", []):
            _leave_out(kwargs["StackId"].split("/")[1], kwargs["LogicalId"], str(layer))
        return function

    replace(LambdaFunction, "create_from_cloudformation_json", classmethod(created))
    replace(LambdaFunction, "update_from_cloudformation_json", classmethod(_updated))


def _updated(  # noqa: PLR0913, PLR0917 - moto's signature
    cls: type[LambdaFunction],
    original_resource: LambdaFunction,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> LambdaFunction:
    del new_resource_name, account_id, region_name
    properties = cloudformation_json["Properties"]
    wanted = {**DEFAULTS, **{name: value for name, value in properties.items() if name != "Layers"}}
    wanted["Environment"] = {"Variables": {}, **wanted["Environment"]}
    original_resource.update_configuration(wanted)
    code = properties["Code"]
    if "ZipFile" not in code:
        original_resource.update_function_code(code)
    elif _is_python(properties):
        packed = base64.b64encode(cls._create_zipfile_from_plaintext_code(code["ZipFile"])).decode()
        original_resource.update_function_code({"ZipFile": packed})
    else:
        _put_inline(original_resource, "index.js", code["ZipFile"])
    _settle(original_resource, properties)
    return original_resource


def _is_python(properties: dict[str, Any]) -> bool:
    return str(properties.get("Runtime", "")).startswith("python")


def _put_inline(function: LambdaFunction, name: str, text: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    content = base64.b64encode(packed.getvalue()).decode()
    function.code_bytes, function.code_size, function.code_sha_256, function.code_digest = _zipfile_content(content)


def _leave_out(stack: str, logical_id: str, layer: str) -> None:
    """Say that a layer is not loaded: the local AWS has no way to get AWS's own."""
    gap = Gap(stack=stack, logical_id=logical_id, type="AWS::Lambda::Function", reason=f"layer {layer} is not loaded")
    with runtime.running().report.writing() as facts:
        facts["unapplied"].append(gap)


def _settle(function: LambdaFunction, properties: dict[str, Any]) -> None:
    if "Architectures" in properties:
        function.architectures = properties["Architectures"]
    if "EphemeralStorage" in properties:
        function.ephemeral_storage = int(properties["EphemeralStorage"]["Size"])
    if "TracingConfig" in properties:
        function.tracing_config = properties["TracingConfig"]
    if "Tags" in properties:
        function.tags = {tag["Key"]: tag["Value"] for tag in properties["Tags"]}
    group = properties.get("LoggingConfig", {}).get("LogGroup")
    function.logs_group_name = group or f"/aws/lambda/{function.function_name}"
