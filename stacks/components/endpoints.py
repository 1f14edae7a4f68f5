"""The AWS services that a VPC can reach through an interface endpoint, by the short name that a profile uses."""

from functools import cache

from aws_cdk import aws_ec2 as ec2

FREE_BY_GATEWAY = frozenset({"dynamodb", "s3"})


@cache
def interface_endpoint_services() -> dict[str, ec2.InterfaceVpcEndpointAwsService]:
    """Every such service that the CDK knows; the CDK's own objects, because a few have unusual prefixes."""
    members = (name for name in dir(ec2.InterfaceVpcEndpointAwsService) if name.isupper())
    services = (getattr(ec2.InterfaceVpcEndpointAwsService, name) for name in members)
    known = {service.short_name: service for service in services}
    return {name: service for name, service in known.items() if name not in FREE_BY_GATEWAY}
