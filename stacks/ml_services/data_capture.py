"""Requests and answers of an endpoint, kept in S3."""

from aws_cdk import aws_sagemaker as sagemaker

from stacks.endpoint_settings import Capture
from stacks.ml_services.endpoint_props import EndpointProps, SettingsT
from stacks.ml_services.execution_role import ExecutionRole

Config = sagemaker.CfnEndpointConfig


def capture_prefix(name: str) -> str:
    """Where an endpoint's captures lie in the bucket of kept traffic."""
    return f"captured/{name}/"


def data_capture(
    props: EndpointProps[SettingsT], settings: Capture, role: ExecutionRole
) -> Config.DataCaptureConfigProperty:
    """Both directions, so many in a hundred; the role may write there and nowhere else."""
    if props.traffic is None:
        message = f"{props.endpoint_name} captures, and there is no bucket for it"
        raise ValueError(message)
    prefix = capture_prefix(props.name)
    role.allow_objects(props.traffic, prefix, "s3:PutObject")
    return Config.DataCaptureConfigProperty(
        capture_content_type_header=Config.CaptureContentTypeHeaderProperty(
            csv_content_types=["text/csv"], json_content_types=["application/json"]
        ),
        capture_options=[Config.CaptureOptionProperty(capture_mode="InputAndOutput")],
        destination_s3_uri=props.traffic.s3_url_for_object(prefix.rstrip("/")),
        enable_capture=True,
        initial_sampling_percentage=settings.percent,
    )
