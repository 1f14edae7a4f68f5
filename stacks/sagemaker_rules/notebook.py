"""What a notebook instance must state so that it starts, stops, and is what it seems."""

from collections.abc import Iterator

from stacks.sagemaker_rules.machines import machine
from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide
from stacks.sagemaker_rules.template import Resource, Template

CREATE = api("CreateNotebookInstance")
PLATFORM = "notebook-al2023-v1"
CLOSED_PLATFORMS = {
    "notebook-al1-v1": "2023-02-01",
    "notebook-al2-v1": "2025-06-30",
    "notebook-al2-v2": "2025-06-30",
    "notebook-al2-v3": "2026-07-01",
}
NOT_ON_AL2023 = frozenset({"g3", "inf1", "p2", "p3", "p3dn"})
REPOSITORIES = 3
VOLUME_GB = range(5, 16384 + 1)

NEEDS_SUBNET = Rule(
    "notebook-direct-internet",
    "AWS refuses DirectInternetAccess Disabled without a SubnetId: name a subnet.",
    CREATE,
)
GROUPS_ALONE = Rule(
    "notebook-security-groups",
    "AWS refuses SecurityGroupIds without a SubnetId of their VPC: name a subnet.",
    CREATE,
    Evidence.KNOWN,
)
CLOSED_PLATFORM = Rule(
    "notebook-platform-closed",
    "AWS creates and starts no notebook on {platform} since {since}: use notebook-al2023-v1.",
    guide("nbi-al2"),
)
UNKNOWN_PLATFORM = Rule(
    "notebook-platform-unknown",
    "CloudFormation refuses the platform {platform}: use notebook-al2023-v1.",
    ""
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-notebookinstance.html",
)
TYPE_ON_PLATFORM = Rule(
    "notebook-type-on-al2023",
    "Amazon Linux 2023 notebooks do not run on {type}: choose a newer family.",
    guide("nbi-al2023"),
)
RETIRED = Rule(
    "notebook-retired-type",
    "AWS launches no {type} any more, though CloudFormation still takes it: {instead}.",
    "https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-regions.html",
)
NOT_NOTEBOOK = Rule(
    "notebook-type-use",
    "AWS runs no notebook on {type}: choose a type that CreateNotebookInstance lists.",
    CREATE,
)
TOO_MANY = Rule(
    "notebook-repositories",
    "AWS refuses {count} additional repositories: name at most 3 beside the default one.",
    CREATE,
)
ROOT = Rule(
    "notebook-root-unstated",
    "Without RootAccess AWS makes everybody on the notebook root: state Disabled, or Enabled where it is meant.",
    CREATE,
)
ACCELERATOR = Rule(
    "notebook-elastic-inference",
    "AWS ended Elastic Inference and refuses AcceleratorTypes: choose an instance type with an accelerator.",
    CREATE,
)
VOLUME = Rule(
    "notebook-volume",
    "AWS refuses a volume of {size:g} GB: choose 5 to 16384.",
    CREATE,
)
IMDS = Rule(
    "notebook-imds",
    "Without a MinimumInstanceMetadataServiceVersion of 2 AWS answers IMDSv1, from which a forged request can take the "
    "role's credentials: set it to 2.",
    api("InstanceMetadataServiceConfiguration"),
)
NO_OFF_SWITCH = Rule(
    "notebook-no-off-switch",
    "AWS bills a notebook until somebody stops it, and nothing on this one does: attach a lifecycle configuration with "
    "an OnStart that stops it when idle.",
    guide("notebook-lifecycle-config"),
    Evidence.OURS,
)


def check(template: Template) -> Iterator[Violation]:
    """What the notebook instances of a template lack or cannot have."""
    for notebook in template.of("AWS::SageMaker::NotebookInstance"):
        yield from _network(notebook)
        yield from _platform(notebook)
        yield from _type(notebook)
        yield from _settings(notebook)
        if not _stops(notebook, template):
            yield NO_OFF_SWITCH.on(notebook.logical_id)


def _network(notebook: Resource) -> Iterator[Violation]:
    properties = notebook.properties
    if properties.lacks("SubnetId"):
        if properties.text("DirectInternetAccess") == "Disabled":
            yield NEEDS_SUBNET.on(notebook.logical_id)
        if properties.has("SecurityGroupIds") and properties.value("SecurityGroupIds") != []:
            yield GROUPS_ALONE.on(notebook.logical_id)
    imds = properties.at("InstanceMetadataServiceConfiguration")
    if imds.lacks("MinimumInstanceMetadataServiceVersion") or imds.number("MinimumInstanceMetadataServiceVersion") == 1:
        yield IMDS.on(notebook.logical_id)


def _platform(notebook: Resource) -> Iterator[Violation]:
    platform = notebook.properties.literal("PlatformIdentifier")
    if platform in CLOSED_PLATFORMS:
        yield CLOSED_PLATFORM.on(notebook.logical_id, platform=platform, since=CLOSED_PLATFORMS[platform])
    elif platform not in {PLATFORM, ""}:
        yield UNKNOWN_PLATFORM.on(notebook.logical_id, platform=platform)


def _type(notebook: Resource) -> Iterator[Violation]:
    found = machine(notebook.properties.literal("InstanceType"))
    if found is None:
        return
    if found.retired:
        yield RETIRED.on(notebook.logical_id, type=found.name, instead=found.retired)
    elif found.family in NOT_ON_AL2023:
        yield TYPE_ON_PLATFORM.on(notebook.logical_id, type=found.name)
    elif "notebook" not in found.uses:
        yield NOT_NOTEBOOK.on(notebook.logical_id, type=found.name)


def _settings(notebook: Resource) -> Iterator[Violation]:
    properties = notebook.properties
    count = len(properties.items("AdditionalCodeRepositories"))
    if count > REPOSITORIES:
        yield TOO_MANY.on(notebook.logical_id, count=count)
    if properties.lacks("RootAccess"):
        yield ROOT.on(notebook.logical_id)
    if properties.items("AcceleratorTypes"):
        yield ACCELERATOR.on(notebook.logical_id)
    size = properties.number("VolumeSizeInGB")
    if size is not None and size not in VOLUME_GB:
        yield VOLUME.on(notebook.logical_id, size=size)


def _stops(notebook: Resource, template: Template) -> bool:
    """Whether a lifecycle configuration is attached, and starts something where this template holds it."""
    name = notebook.properties.text("LifecycleConfigName")
    if notebook.properties.lacks("LifecycleConfigName"):
        return False
    found = template.find("AWS::SageMaker::NotebookInstanceLifecycleConfig", name)
    return found is None or not _empty(found.properties)


def _empty(lifecycle: Properties) -> bool:
    return lifecycle.lacks("OnStart") or lifecycle.value("OnStart") == []
