"""The door of a service: HTTPS alone, for those whom it knows, from where it may be reached."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from stacks.ecs_settings import LoadBalancer as Settings
from stacks.ecs_settings import Tokens
from stacks.frameworks.ecs.firewall import Firewall, FirewallProps

MINUTE = cdk.Duration.minutes(1)
PATH = "/invocations"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
TLS = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.2 and 1.3 with forward secrecy, and keys that hold against quantum computers where the client has them."""
DRAIN_SECONDS = 30
"""How long a task that goes may still answer what it was asked; the inference server itself waits 25 seconds."""
Action = elb.CfnListenerRule.ActionProperty


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadBalancerProps:
    """Where it stands, for which port of which tasks, and what the profile says."""

    name: str
    vpc: ec2.IVpc
    tasks: ec2.ISecurityGroup
    port: int
    retention: Retention
    settings: Settings


class LoadBalancer(Construct):
    """It checks tokens or certificates itself, so that nothing unknown reaches a task, or wakes one."""

    def __init__(self, scope: Construct, construct_id: str, props: LoadBalancerProps) -> None:
        super().__init__(scope, construct_id)
        settings = props.settings
        self.logs = self._log_bucket(props)
        group = self._group(props)
        kind = ec2.SubnetType.PUBLIC if settings.internet else ec2.SubnetType.PRIVATE_ISOLATED
        self.resource = elb.ApplicationLoadBalancer(
            self,
            "Resource",
            deletion_protection=False,  # a stage must be destroyable; what it serves lies elsewhere
            desync_mitigation_mode=elb.DesyncMitigationMode.STRICTEST,
            drop_invalid_header_fields=True,
            internet_facing=settings.internet,
            security_group=group,
            vpc=props.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=kind),
        )
        self.resource.log_access_logs(self.logs)
        self.resource.node.add_dependency(self.logs)  # deleted before the bucket is emptied: until then it writes
        self.targets = self._targets(props)
        self.listener = self._listener(settings)
        self.rule = self._rule(settings)
        if settings.firewall:
            Firewall(
                self,
                "Firewall",
                FirewallProps(
                    name=props.name,
                    load_balancer_arn=self.resource.load_balancer_arn,
                    requests_per_5_minutes=settings.requests_per_5_minutes,
                ),
            )

    @property
    def url(self) -> str:
        """Where to ask; the certificate is for a name of your own, which points there."""
        return f"https://{self.resource.load_balancer_dns_name}{PATH}"

    def metric(self, name: str) -> cloudwatch.Metric:
        """How often something happened in a minute."""
        return cloudwatch.Metric(
            dimensions_map={"LoadBalancer": self.resource.load_balancer_full_name},
            metric_name=name,
            namespace="AWS/ApplicationELB",
            period=MINUTE,
            statistic=cloudwatch.Stats.SUM,
        )

    def _log_bucket(self, props: LoadBalancerProps) -> s3.Bucket:
        return PrivateBucket(
            self,
            "Logs",
            PrivateBucketProps(retention=props.retention, expire_days={"": props.settings.log_days}),
        ).resource

    def _group(self, props: LoadBalancerProps) -> ec2.SecurityGroup:
        settings = props.settings
        group = ec2.SecurityGroup(
            self,
            "Group",
            allow_all_outbound=False,
            description=f"Who may reach the load balancer of {props.name}",
            vpc=props.vpc,
        )
        for allowed in settings.allowed:
            group.add_ingress_rule(ec2.Peer.ipv4(allowed), ec2.Port.HTTPS, "HTTPS from where the profile says")
        group.add_egress_rule(props.tasks, ec2.Port.tcp(props.port), "To the tasks")
        props.tasks.add_ingress_rule(group, ec2.Port.tcp(props.port), f"From the load balancer of {props.name}")
        if settings.tokens:
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "To the keys of who issues tokens")
        if "0.0.0.0/0" in settings.allowed:
            acknowledge(
                group, "AwsSolutions-EC23", "The profile lets everybody come as far as the door; who they are is asked."
            )
        return group

    def _targets(self, props: LoadBalancerProps) -> elb.CfnTargetGroup:
        kind = elb.CfnTargetGroup
        return kind(
            self,
            # Another scheme is another load balancer, and targets belong to one at a time.
            "TargetsOutside" if props.settings.internet else "Targets",
            health_check_enabled=True,
            health_check_interval_seconds=10,
            health_check_path="/ping",
            health_check_protocol="HTTP",
            health_check_timeout_seconds=5,
            healthy_threshold_count=2,
            matcher=kind.MatcherProperty(http_code="200"),
            port=props.port,
            protocol="HTTP",
            target_group_attributes=[
                kind.TargetGroupAttributeProperty(
                    key="deregistration_delay.timeout_seconds",
                    value=str(DRAIN_SECONDS if props.retention.keeps_data else 0),
                ),
                kind.TargetGroupAttributeProperty(
                    key="load_balancing.algorithm.type", value="least_outstanding_requests"
                ),
            ],
            target_type="ip",
            unhealthy_threshold_count=3,
            vpc_id=props.vpc.vpc_id,
        )

    def _listener(self, settings: Settings) -> elb.CfnListener:
        kind = elb.CfnListener
        return kind(
            self,
            "Listener",
            certificates=[kind.CertificateProperty(certificate_arn=settings.certificate)],
            default_actions=[
                kind.ActionProperty(
                    fixed_response_config=kind.FixedResponseConfigProperty(
                        content_type="application/json",
                        message_body='{"error": {"code": "not_found", "reason": "ask POST /invocations"}}',
                        status_code="404",
                    ),
                    type="fixed-response",
                )
            ],
            load_balancer_arn=self.resource.load_balancer_arn,
            mutual_authentication=(
                kind.MutualAuthenticationProperty(
                    ignore_client_certificate_expiry=False, mode="verify", trust_store_arn=settings.trust_store
                )
                if settings.trust_store
                else None
            ),
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS,
        )

    def _rule(self, settings: Settings) -> elb.CfnListenerRule:
        kind = elb.CfnListenerRule
        actions: Sequence[Action] = [
            *([_checked(settings.tokens)] if settings.tokens else []),
            Action(order=2, target_group_arn=self.targets.ref, type="forward"),
        ]
        return kind(
            self,
            "Rule",
            actions=list(actions),
            conditions=[
                kind.RuleConditionProperty(
                    field="path-pattern", path_pattern_config=kind.PathPatternConfigProperty(values=[PATH])
                ),
                kind.RuleConditionProperty(
                    field="http-request-method",
                    http_request_method_config=kind.HttpRequestMethodConfigProperty(values=["POST"]),
                ),
            ],
            listener_arn=self.listener.ref,
            priority=1,
        )


def _checked(tokens: Tokens) -> Action:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html."""
    kind = elb.CfnListenerRule
    return Action(
        jwt_validation_config=kind.JwtValidationConfigProperty(
            additional_claims=[
                kind.JwtValidationActionAdditionalClaimProperty(
                    format=claim.format, name=name, values=list(claim.values)
                )
                for name, claim in tokens.claims.items()
            ],
            issuer=tokens.issuer,
            jwks_endpoint=tokens.jwks,
        ),
        order=1,
        type="jwt-validation",
    )
