"""AWS::CodeBuild::Project."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.named import fitting
from mlstack.local.cloudformation.spelling import lower

Client = Any
TEMPLATE_ONLY = frozenset({"name", "resourceAccessRole", "triggers", "visibility"})
RENAMED = {"buildSpec": "buildspec"}
LONGEST = 255
CLEARED = {"cache": {"type": "NO_CACHE"}, "description": "", "logsConfig": {}, "tags": []}
"""What becomes of a property that an update leaves out."""


def asked(properties: Properties) -> dict[str, Any]:
    """A template's properties as CodeBuild's calls take them."""
    said = {name: value for name, value in lower(properties).items() if name not in TEMPLATE_ONLY}
    for name in ("source", "secondarySources"):
        if name in said:
            said[name] = _renamed(said[name])
    return said


def _renamed(said: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(said, list):
        return [_renamed(one) for one in said]
    return {RENAMED.get(name, name): value for name, value in said.items()}


def _create(codebuild: Client, name: str, properties: Properties) -> str:
    return str(codebuild.create_project(name=fitting(name, LONGEST), **asked(properties))["project"]["name"])


def _update(codebuild: Client, name: str, new: Properties, _old: Properties) -> None:
    codebuild.update_project(name=name, **{**CLEARED, **asked(new)})


def _attributes(codebuild: Client, name: str) -> dict[str, str]:
    [project] = codebuild.batch_get_projects(names=[name])["projects"]
    return {"Arn": project["arn"], "Id": name}


BUILD_PROJECT = Kind(
    type="AWS::CodeBuild::Project",
    service="codebuild",
    fixed=("Name",),
    create=_create,
    update=_update,
    delete=lambda codebuild, name, _: codebuild.delete_project(name=name),
    attributes=_attributes,
)
