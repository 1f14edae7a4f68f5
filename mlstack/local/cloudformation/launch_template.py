"""AWS::EC2::LaunchTemplate: moto's takes no text for numbers, no new tags, and whatever a template invents."""

from typing import Any

from mlstack.local.cloudformation.called import Kind, Properties
from mlstack.local.cloudformation.ec2_tags import retagged
from mlstack.local.cloudformation.named import fitting
from mlstack.local.cloudformation.typed import typed

Client = Any
LONGEST = 128
VERSION = ("LaunchTemplateData", "VersionDescription")


def _made(ec2: Client, name: str, properties: Properties) -> str:
    asked = {**properties, "LaunchTemplateName": fitting(name, LONGEST)}
    made = ec2.create_launch_template(**typed("ec2", "CreateLaunchTemplate", asked))
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


def _again(ec2: Client, name: str, new: Properties, old: Properties) -> None:
    """A new version, which is no default; nobody who names another version is touched."""
    retagged(ec2, name, _tags(new), _tags(old))
    if any(new.get(key) != old.get(key) for key in VERSION):
        asked = {"LaunchTemplateId": name, **{key: new[key] for key in VERSION if key in new}}
        ec2.create_launch_template_version(**typed("ec2", "CreateLaunchTemplateVersion", asked))


def _tags(properties: Properties) -> dict[str, str]:
    return {
        str(tag["Key"]): str(tag["Value"])
        for specification in properties.get("TagSpecifications", [])
        if specification["ResourceType"] == "launch-template"
        for tag in specification.get("Tags", [])
    }


def _attributes(ec2: Client, name: str) -> dict[str, str]:
    [said] = ec2.describe_launch_templates(LaunchTemplateIds=[name])["LaunchTemplates"]
    wanted = ("DefaultVersionNumber", "LatestVersionNumber", "LaunchTemplateId")
    return {key: str(said[key]) for key in wanted}


LAUNCH_TEMPLATE = Kind(
    type="AWS::EC2::LaunchTemplate",
    service="ec2",
    fixed=("LaunchTemplateName",),
    create=_made,
    update=_again,
    delete=lambda ec2, name, _: ec2.delete_launch_template(LaunchTemplateId=name),
    attributes=_attributes,
)
