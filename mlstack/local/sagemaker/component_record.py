"""An inference component, and how SageMaker describes it."""

from dataclasses import dataclass

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.endpoint_record import CREATING
from mlstack.local.sagemaker.registry import Record
from mlstack.local.sagemaker.workload import Workload


@dataclass(kw_only=True)
class Component(Record):
    """An inference component; its workload is there while it has copies."""

    endpoint: str
    endpoint_arn: str
    variant: str
    specification: Json
    copies: int
    status: str = CREATING
    reason: str = ""
    deployment: Json | None = None
    workload: Workload | None = None

    @property
    def owner(self) -> str:
        """As the report names it; an endpoint may have the same name."""
        return f"{self.endpoint}/{self.name}"


def summary(component: Component) -> Json:
    """A component in ListInferenceComponents."""
    return {
        "InferenceComponentName": component.name,
        "InferenceComponentArn": component.arn,
        "InferenceComponentStatus": component.status,
        "EndpointName": component.endpoint,
        "EndpointArn": component.endpoint_arn,
        "VariantName": component.variant,
        **component.dates,
    }


def described(component: Component) -> Json:
    """DescribeInferenceComponent."""
    current = component.copies if component.workload is not None else 0
    specification = dict(component.specification)
    if "Container" in specification:
        image = specification["Container"].get("Image")
        deployed = {"SpecifiedImage": image, "ResolvedImage": image}
        specification["Container"] = {**specification["Container"], "DeployedImage": deployed}
        specification["Container"].pop("Image", None)
    said = {
        **summary(component),
        "Specification": specification,
        "RuntimeConfig": {"DesiredCopyCount": component.copies, "CurrentCopyCount": current},
    }
    if component.reason:
        said["FailureReason"] = component.reason
    if component.deployment:
        said["LastDeploymentConfig"] = component.deployment
    return said
