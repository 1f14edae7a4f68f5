"""Where SageMaker's machines stand in the stage's VPC: no way in, and HTTPS to the VPC's endpoints."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from stacks.components.network_release import NetworkRelease, NetworkReleaseProps


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceNetworkProps:
    """The stage's VPC, and the role with which SageMaker lends and gives back its network interfaces."""

    vpc: ec2.IVpc
    role: IConstruct | None
    """None where it is not the stack's own."""
    description: str
    """Never to be changed: another is another group, and makes what stands in it anew under a name that is taken."""
    log_retention: logs.RetentionDays


class ServiceNetwork(Construct):
    """A security group that is deleted once SageMaker has given its interfaces back; who uses it depends on this."""

    def __init__(self, scope: Construct, construct_id: str, props: ServiceNetworkProps) -> None:
        super().__init__(scope, construct_id)
        group = ec2.SecurityGroup(
            self, "Resource", allow_all_outbound=False, description=props.description, vpc=props.vpc
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "AWS services through the endpoints of the VPC")
        release = NetworkRelease(
            self, "Release", NetworkReleaseProps(security_group=group, log_retention=props.log_retention)
        )
        if props.role:
            release.node.add_dependency(props.role)
        self.security_group_ids = [group.security_group_id]
        self.subnet_ids = props.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids
