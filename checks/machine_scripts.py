"""The scripts inside templates that will run on a machine: user data, lifecycle scripts, documents, builds."""

import email
import re
from collections.abc import Iterator
from email.message import Message

from checks import command_lists
from checks.embedded import Embedded, decoded, encoded, values
from checks.resolver import Resolver
from checks.symbols import Json, UnresolvableError
from mlstack.assembly import Assembly

# UserData.add_s3_download_command writes this without quotes around it, and nobody can change that
CDK_DOWNLOAD = re.compile(r"(?<=^mkdir -p )(\$\(dirname '[^']*'\))", re.MULTILINE)


def embedded(assembly: Assembly) -> Iterator[Embedded]:
    """Every script of every template."""
    for stack in assembly.stacks:
        resolver = Resolver(stack, assembly)
        for name, resource in stack.resources.items():
            place = f"{stack.name}/{name}"
            try:
                yield from _of_resource(place, resource["Type"], resource.get("Properties", {}), resolver)
            except UnresolvableError as error:
                yield Embedded(place, fault=f"its script cannot be worked out: {error}")


def _of_resource(place: str, kind: str, properties: dict[str, Json], resolver: Resolver) -> Iterator[Embedded]:
    for data in values(properties, "UserData"):
        if data != {"Ref": "AWS::NoValue"}:
            yield from _user_data(place, resolver.text(data))
    match kind:
        case "AWS::SageMaker::NotebookInstanceLifecycleConfig":
            for moment in ("OnCreate", "OnStart"):
                for content in values(properties.get(moment), "Content"):
                    yield from encoded(f"{place}/{moment}", resolver.text(content))
        case "AWS::SageMaker::StudioLifecycleConfig":
            yield from encoded(place, resolver.text(properties.get("StudioLifecycleConfigContent")))
        case "AWS::SSM::Document":
            yield from command_lists.document(place, resolver.resolve(properties.get("Content")))
        case "AWS::CodeBuild::Project":
            for specification in values(properties.get("Source"), "BuildSpec"):
                yield from command_lists.build(place, resolver.text(specification))


def _user_data(place: str, text: str) -> Iterator[Embedded]:
    data = decoded(text)
    if data is None:
        yield Embedded(place, fault="the user data is not base64, so the machine gets something else")
    elif data.startswith("#!"):
        yield Embedded(place, _quoted(data))
    elif data.lstrip().startswith(("Content-Type: multipart", "MIME-Version")):
        yield from _parts(place, email.message_from_string(data.lstrip()))
    elif data.startswith(("#cloud-config", "<powershell>", "<script>")):
        yield Embedded(place, limit=f"{data.split()[0]} is no shell script")
    else:
        yield Embedded(place, fault="the user data starts with no #!, so cloud-init ignores it")


def _parts(place: str, message: Message) -> Iterator[Embedded]:
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/x-shellscript" and isinstance(content, bytes):
            yield Embedded(place, _quoted(content.decode()))
        elif not part.is_multipart():
            yield Embedded(place, limit=f"a part of type {part.get_content_type()} is no shell script")


def _quoted(script: str) -> str:
    return CDK_DOWNLOAD.sub(r'"\1"', script)
