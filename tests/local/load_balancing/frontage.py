"""A network with a load balancer in it, as templates make it."""

from typing import Any

from tests.local.stacks import Template

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
ACCOUNT = "123456789012"
FULL = "LoadBalancerFullName"


def ref(name: str) -> Template:
    return {"Ref": name}


def attribute(name: str, key: str) -> Template:
    return {"Fn::GetAtt": [name, key]}


def joined(*parts: object) -> Template:
    return {"Fn::Join": ["", [*parts]]}


def network() -> dict[str, Template]:
    """Two subnets in two zones, a gateway, a group."""
    made: dict[str, Template] = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.7.0.0/16"}},
        "Gateway": {"Type": "AWS::EC2::InternetGateway"},
        "Attached": {
            "Type": "AWS::EC2::VPCGatewayAttachment",
            "Properties": {"VpcId": ref("Vpc"), "InternetGatewayId": ref("Gateway")},
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": "of the load balancer", "VpcId": ref("Vpc")},
        },
    }
    for number, zone in enumerate(("us-east-1a", "us-east-1b")):
        said = {"VpcId": ref("Vpc"), "CidrBlock": f"10.7.{number}.0/24", "AvailabilityZone": zone}
        made[f"Subnet{number}"] = {"Type": "AWS::EC2::Subnet", "Properties": said}
    return made


def logs(principal: Template | None = None) -> dict[str, Template]:
    """A bucket for access logs, and the permission to write them."""
    allow = {
        "Effect": "Allow",
        "Principal": principal or {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": joined(attribute("Logs", "Arn"), f"/alb/AWSLogs/{ACCOUNT}/*"),
    }
    policy = {"Bucket": ref("Logs"), "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}
    return {
        "Logs": {"Type": "AWS::S3::Bucket"},
        "LogsPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
    }


def attributes(**said: str) -> list[dict[str, str]]:
    return [{"Key": key.replace("__", "."), "Value": value} for key, value in said.items()]


def balancer(*, depends: tuple[str, ...] = (), **more: object) -> dict[str, Template]:
    said: dict[str, Any] = {
        "Scheme": "internal",
        "Type": "application",
        "Subnets": [ref("Subnet0"), ref("Subnet1")],
        "SecurityGroups": [ref("Group")],
        **more,
    }
    body = {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": said,
        "DependsOn": ["Attached", *depends],
    }
    return {"Balancer": body}


def group(**more: object) -> dict[str, Template]:
    said = {
        "VpcId": ref("Vpc"),
        "Port": 8080,
        "Protocol": "HTTP",
        "TargetType": "ip",
        "HealthCheckPath": "/ping",
        "HealthCheckIntervalSeconds": 10,
        "TargetGroupAttributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}],
        **more,
    }
    return {"Targets": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": said}}


def answer(status: str = "404") -> Template:
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status}}


def token(**more: object) -> Template:
    said = {
        "JwksEndpoint": "https://issuer.example/.well-known/jwks.json",
        "Issuer": "https://issuer.example/",
        "AdditionalClaims": [{"Format": "single-string", "Name": "aud", "Values": ["photos"]}],
        **more,
    }
    return {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": said}


def forward() -> Template:
    return {"Type": "forward", "Order": 2, "TargetGroupArn": ref("Targets")}


def listener(**more: object) -> dict[str, Template]:
    said = {
        "LoadBalancerArn": ref("Balancer"),
        "Port": 443,
        "Protocol": "HTTPS",
        "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "Certificates": [{"CertificateArn": CERTIFICATE}],
        "DefaultActions": [answer()],
        **more,
    }
    return {"Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": said}}


def rule(*actions: Template, **more: object) -> dict[str, Template]:
    said = {
        "ListenerArn": ref("Listener"),
        "Priority": 1,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/invocations"]}}],
        "Actions": [*actions],
        **more,
    }
    return {"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": said}}


def outputs(*wanted: tuple[str, str]) -> Template:
    return {f"{name}{key}": {"Value": attribute(name, key)} for name, key in wanted}
