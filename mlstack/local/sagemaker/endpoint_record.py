"""An endpoint, and how SageMaker describes it."""

from dataclasses import dataclass, field

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.hosting import Hosting, hosting
from mlstack.local.sagemaker.registry import Record
from mlstack.local.sagemaker.variant import Variant

CREATING, UPDATING, DELETING = "Creating", "Updating", "Deleting"
IN_SERVICE, FAILED = "InService", "Failed"
LOG_GROUP = "/aws/sagemaker/Endpoints/{name}"


@dataclass(kw_only=True)
class Endpoint(Record):
    """An endpoint with the configuration that it has now."""

    config: Json
    status: str = CREATING
    reason: str = ""
    deployment: Json | None = None
    variants: list[Variant] = field(default_factory=list)

    @property
    def hosting(self) -> Hosting:
        """How it answers."""
        return hosting(self.config)

    @property
    def log_group(self) -> str:
        """Where its containers' lines go."""
        return LOG_GROUP.format(name=self.name)

    def variant(self, name: str) -> Variant | None:
        """Its variant of a name."""
        return next((one for one in self.variants if one.name == name), None)


def described(endpoint: Endpoint) -> Json:
    """DescribeEndpoint."""
    config = endpoint.config
    said: Json = {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": config["EndpointConfigName"],
        "EndpointStatus": endpoint.status,
        **endpoint.dates,
    }
    if endpoint.variants:
        said["ProductionVariants"] = [variant.told() for variant in endpoint.variants]
    if endpoint.reason:
        said["FailureReason"] = endpoint.reason
    if endpoint.deployment:
        said["LastDeploymentConfig"] = endpoint.deployment
    if config.get("AsyncInferenceConfig"):
        said["AsyncInferenceConfig"] = config["AsyncInferenceConfig"]
    capture = config.get("DataCaptureConfig")
    if capture:
        said["DataCaptureConfig"] = {
            "EnableCapture": capture.get("EnableCapture", True),
            "CaptureStatus": "Started",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return said


def summary(endpoint: Endpoint) -> Json:
    """An endpoint in ListEndpoints."""
    named = {"EndpointName": endpoint.name, "EndpointArn": endpoint.arn, "EndpointStatus": endpoint.status}
    return {**named, **endpoint.dates}
