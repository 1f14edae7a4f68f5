"""The stage's network: free while nothing runs in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.endpoints import interface_endpoint_services
from stacks.config import Network


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkStackProps:
    """The network's settings and how long its flow logs stay."""

    log_retention: logs.RetentionDays
    settings: Network


class NetworkStack(cdk.Stack):
    """A VPC with public and isolated subnets, without NAT gateway, reaching S3 and DynamoDB by gateway endpoints."""

    def __init__(self, scope: Construct, construct_id: str, props: NetworkStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack foundation: the stage's network")
        self._zone_count = props.settings.availability_zones
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
                "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            },
            ip_addresses=ec2.IpAddresses.cidr(str(props.settings.cidr)),
            max_azs=props.settings.availability_zones,
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public", subnet_type=ec2.SubnetType.PUBLIC, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ],
        )
        if props.settings.interface_endpoints:
            self._reach(props.settings.interface_endpoints)
        if props.settings.flow_logs:
            self._log_flows(props.log_retention)
        else:
            acknowledge(
                self.vpc,
                "AwsSolutions-VPC7",
                "Flow logs bill by the gigabyte; a profile turns them on with network.flow_logs.",
            )

    @property
    @jsii.member(jsii_name="availabilityZones")
    def availability_zones(self) -> list[str]:
        """The region's first zones, chosen by CloudFormation, so that no synth ever looks them up."""
        return [cdk.Fn.select(zone, cdk.Fn.get_azs()) for zone in range(self._zone_count)]

    def _reach(self, services: Sequence[str]) -> None:
        """Make an interface endpoint for each service, all behind one security group."""
        group = ec2.SecurityGroup(
            self, "Endpoints", vpc=self.vpc, description="HTTPS from the VPC to its endpoints", allow_all_outbound=False
        )
        group.add_ingress_rule(ec2.Peer.ipv4(self.vpc.vpc_cidr_block), ec2.Port.HTTPS, "HTTPS from the VPC")
        acknowledge(
            group, "AwsSolutions-EC23", "The rule cannot read a reference; the range is the VPC's own, never 0.0.0.0/0."
        )
        for service in services:
            self.vpc.add_interface_endpoint(
                "Reach" + "".join(part.capitalize() for part in service.replace("-", ".").split(".")),
                open=False,
                security_groups=[group],
                service=interface_endpoint_services()[service],
                subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            )

    def _log_flows(self, retention: logs.RetentionDays) -> None:
        group = logs.LogGroup(self, "FlowLogs", retention=retention, removal_policy=cdk.RemovalPolicy.DESTROY)
        self.vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group))
