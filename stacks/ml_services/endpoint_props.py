"""What every kind of endpoint is made from, and what it tells of itself."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from stacks.endpoint_settings import Endpoint
from stacks.ml_services.serving_image import ServingImage

VARIANT = "AllTraffic"
"""The one variant's name, always the same: a deployment to another name is refused."""
SettingsT = TypeVar("SettingsT", bound=Endpoint)


@dataclass(frozen=True, kw_only=True)
class EndpointProps(Generic[SettingsT]):
    """One endpoint's settings, its physical name, and what of the stage it uses."""

    name: str
    """As in the profile."""
    endpoint_name: str
    settings: SettingsT
    image: ServingImage
    vpc: ec2.IVpc | None
    traffic: s3.IBucket | None
    """Where requests and answers lie that are kept."""
    log_retention: logs.RetentionDays
