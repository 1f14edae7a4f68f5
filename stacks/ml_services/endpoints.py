"""The stage's SageMaker endpoints."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from stacks.endpoint_settings import Endpoints
from stacks.ml_services.asynchronous_endpoint import AsynchronousEndpoint, traffic_prefix
from stacks.ml_services.classic_endpoint import ClassicEndpoint
from stacks.ml_services.data_capture import capture_prefix
from stacks.ml_services.endpoint_props import EndpointProps, SettingsT
from stacks.ml_services.idle_price import idle_price
from stacks.ml_services.realtime_endpoint import RealtimeEndpoint
from stacks.ml_services.serverless_endpoint import ServerlessEndpoint
from stacks.ml_services.serving_image import ServingImage, registry_image
from stacks.sagemaker_values import OWN_IMAGES

Made = ServerlessEndpoint | AsynchronousEndpoint | RealtimeEndpoint | ClassicEndpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointsStackProps:
    """The stage's name, its network where there is one, the project's own image where one is served, and the rest."""

    stage: str
    inference_image: ServingImage | None
    vpc: ec2.IVpc | None
    retention: Retention
    log_retention: logs.RetentionDays
    settings: Endpoints


class EndpointsStack(cdk.Stack):
    """Each endpoint with a model, a role and logs of its own."""

    def __init__(self, scope: cdk.App, construct_id: str, props: EndpointsStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack layer 2: SageMaker endpoints")
        self._props = props
        self._traffic = self._bucket(props)
        settings = props.settings
        made: Iterator[tuple[str, Made]] = itertools.chain(
            ((name, ServerlessEndpoint(self, *self._given(name, one))) for name, one in settings.serverless.items()),
            (
                (name, AsynchronousEndpoint(self, *self._given(name, one)))
                for name, one in settings.asynchronous.items()
            ),
            ((name, RealtimeEndpoint(self, *self._given(name, one))) for name, one in settings.realtime.items()),
            ((name, ClassicEndpoint(self, *self._given(name, one))) for name, one in settings.classic.items()),
        )
        self.endpoints = dict(made)
        for name, endpoint in self.endpoints.items():
            self._tell(name, endpoint)

    def _bucket(self, props: EndpointsStackProps) -> s3.IBucket | None:
        """Where requests and answers are kept, each as long as its endpoint says; none where none are."""
        days = {traffic_prefix(name): one.keep_days for name, one in props.settings.asynchronous.items()}
        days |= {capture_prefix(name): one.capture.days for name, one in props.settings.classic.items() if one.capture}
        if not days:
            return None
        return PrivateBucket(self, "Traffic", PrivateBucketProps(retention=props.retention, expire_days=days)).resource

    def _given(self, name: str, settings: SettingsT) -> tuple[str, EndpointProps[SettingsT]]:
        """The construct's id and props."""
        return pascal(name), EndpointProps(
            name=name,
            endpoint_name=f"mlstack-{self._props.stage}-{name}",
            settings=settings,
            image=self._image(settings.image),
            vpc=self._props.vpc,
            traffic=self._traffic,
            log_retention=self._props.log_retention,
        )

    def _image(self, setting: str) -> ServingImage:
        if setting not in OWN_IMAGES:
            return registry_image(setting, self)
        if self._props.inference_image is None:
            message = "an endpoint wants the project's own image, and none was given"
            raise ValueError(message)
        return self._props.inference_image

    def _tell(self, name: str, endpoint: Made) -> None:
        price = idle_price(endpoint.idle, self.region)
        told = {
            "Name": (name, "As in the profile"),
            "EndpointName": (endpoint.resource.attr_endpoint_name, "As in AWS"),
            "Kind": (endpoint.kind, "Which of the four kinds it is"),
            "IdlePrice": (price, "What it costs while nobody asks"),
        }
        published = endpoint.settings.published
        until = published.end_of_patch if published else None
        patched = f"; AWS patches its image until {until}" if until else ""
        if isinstance(endpoint, AsynchronousEndpoint):
            told["Requests"] = (f"{endpoint.requests}/", "Put requests here")
            told["Answers"] = (f"{endpoint.answers}/", "Find answers here")
        for part, (value, description) in told.items():
            cdk.CfnOutput(self, f"{pascal(name)}{part}", value=value, description=description)
        cdk.Annotations.of(endpoint).add_info_v2(
            "mlstack:price", f"endpoint {name} ({endpoint.kind}), idle: {price}{patched}"
        )


def pascal(name: str) -> str:
    """A profile's name as CloudFormation's names are written: waste-sorter becomes WasteSorter."""
    return "".join(part.capitalize() for part in name.split("-"))
