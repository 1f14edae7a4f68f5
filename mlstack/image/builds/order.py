"""One image to build: what CodeBuild is asked for, all filled in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalogue.regions import url_suffix
from mlstack.assembly import Stack
from mlstack.errors import UserError
from mlstack.image.builds import source
from mlstack.image.builds.source import Source
from mlstack.image.builds.value import Place, Scope
from mlstack.image.builds.wanted import Json, Wanted
from mlstack.target import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

UNKNOWN = "unknown-"
"""How an account or a region begins that the profile leaves open."""
OVERRIDDEN = {
    "Type": "environmentTypeOverride",
    "Image": "imageOverride",
    "ComputeType": "computeTypeOverride",
}
"""What of a project's environment a request may say otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """An image by its tag, where it lies, and how it is built."""

    name: str
    project: str
    repository: str
    tag: str
    uri: str
    source: Source
    request: Mapping[str, Any]
    """What a build is asked for besides the project's name."""


def place_of(target: Target, stack: Stack) -> Place:
    """Where a target is; raise UserError where the stack was synthesized for another account or region."""
    identity = target.account.client("sts").get_caller_identity()
    region = target.account.client("codebuild").meta.region_name
    wanted_account, _, wanted_region = stack.environment.removeprefix("aws://").partition("/")
    for what, here, wanted, step in (
        ("account", identity["Account"], wanted_account, "use that account's credentials"),
        ("region", region, wanted_region, f"say --aws --region {wanted_region}"),
    ):
        if wanted != here and not wanted.startswith(UNKNOWN):
            where = stack.template_path.parent
            message = f"{where} was synthesized for {what} {wanted}, and {target.account.shown} is {here}; {step}"
            raise UserError(message)
    return Place(
        partition=identity["Arn"].split(":")[1],
        region=region,
        account=identity["Account"],
        url_suffix=url_suffix(region),
    )


def deployed_names(cloudformation: "CloudFormationClient", stack: Stack) -> dict[str, str]:
    """What the deployed resources of a stack are really called, by their names in its template."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE"
    }


def orders(stack: Stack, images: Sequence[Wanted], place: Place, names: Mapping[str, str]) -> Iterator[Order]:
    """What to ask for each image; raise UserError where the assembly is not what the CDK writes."""
    kinds = {name: body["Type"] for name, body in stack.resources.items()}
    scope = Scope(place=place, names=names, kinds=kinds)
    for one in images:
        try:
            yield _order(stack, one, scope)
        except (AttributeError, KeyError, TypeError) as error:
            message = (
                f"{stack.template_path} is not what the CDK writes of {one.name} ({error!r}); run `make synth` again"
            )
            raise UserError(message) from error


def _order(stack: Stack, one: Wanted, scope: Scope) -> Order:
    project = scope.value(one.image["ProjectName"])
    found = source.find(stack, one.project["Source"]["Location"], scope, project)
    return Order(
        name=one.name,
        project=project,
        repository=scope.value(one.image["RepositoryName"]),
        tag=one.tag,
        uri=scope.value(one.image["ImageUri"]),
        source=found,
        request=_request(one.project, found, scope),
    )


def _request(project: Json, found: Source, scope: Scope) -> dict[str, Any]:
    environment = project["Environment"]
    variables = [
        {"name": str(one["Name"]), "value": scope.value(one["Value"]), "type": str(one.get("Type", "PLAINTEXT"))}
        for one in environment.get("EnvironmentVariables", ())
    ]
    return {
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": found.location,
        "buildspecOverride": scope.value(project["Source"]["BuildSpec"]),
        "environmentVariablesOverride": variables,
        "privilegedModeOverride": bool(environment.get("PrivilegedMode")),
        **{asked: scope.value(environment[said]) for said, asked in OVERRIDDEN.items()},
    }
