"""The stage's network: free while nothing runs in it."""

from dataclasses import dataclass

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.config import Network


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkStackProps:
    """The network's settings and how long its flow logs stay."""

    log_retention: logs.RetentionDays
    settings: Network


class NetworkStack(cdk.Stack):
    """A VPC with public and isolated subnets, without NAT gateway, reaching S3 and DynamoDB by gateway endpoints."""

    def __init__(self, scope: Construct, construct_id: str, props: NetworkStackProps) -> None:
        super().__init__(scope, construct_id, description="mlstack foundation: the stage's network")
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
        for service in props.settings.interface_endpoints:
            self.vpc.add_interface_endpoint(
                "".join(part.capitalize() for part in service.replace("-", ".").split(".")),
                service=ec2.InterfaceVpcEndpointAwsService(service),
                subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            )
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

    def _log_flows(self, retention: logs.RetentionDays) -> None:
        group = logs.LogGroup(self, "FlowLogs", retention=retention, removal_policy=cdk.RemovalPolicy.DESTROY)
        self.vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group))
