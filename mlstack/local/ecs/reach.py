"""Whether a task on Fargate reaches ECR and its logs from its subnet: by a way out of it, or by endpoints in it."""

from collections.abc import Iterable, Mapping
from typing import Any

from mlstack.local.ecs.hall import Client
from mlstack.local.json_service import Json

HTTPS = 443
ENDPOINTS = frozenset({"ecr.api", "ecr.dkr", "logs", "s3"})
"""What a subnet without a way out needs; https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html."""
UNREACHED = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from "
    "Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. "
    "({why})"
)


def trouble(client: Client, network: Json) -> str:
    """Why a task in these subnets cannot start; empty where it can."""
    ec2 = client("ec2")
    [subnet] = ec2.describe_subnets(SubnetIds=network["subnets"][:1])["Subnets"]
    groups = network.get("securityGroups") or []
    found = ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"] if groups else []
    if found and not any(_lets_out(rule) for group in found for rule in group["IpPermissionsEgress"]):
        return UNREACHED.format(why=f"no rule of {', '.join(groups)} lets port {HTTPS} out")
    routes = list(_routes(ec2, subnet))
    if _leads_out(routes, public=network.get("assignPublicIp") == "ENABLED") or _is_amazons(ec2, subnet["VpcId"]):
        return ""
    listed = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])["VpcEndpoints"]
    there = {".".join(str(one["ServiceName"]).split(".")[3:]) for one in listed if one["State"].lower() != "deleted"}
    missing = sorted(ENDPOINTS - there)
    return (
        UNREACHED.format(why=f"{subnet['SubnetId']} has no way out and no endpoint {', '.join(missing)}")
        if missing
        else ""
    )


def _lets_out(rule: Mapping[str, Any]) -> bool:
    if rule["IpProtocol"] == "-1":
        return True
    return rule["IpProtocol"] in {"tcp", "6"} and rule.get("FromPort", 0) <= HTTPS <= rule.get("ToPort", 0)


def _routes(ec2: Any, subnet: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:  # noqa: ANN401 - a client
    """The routes of the table that a subnet has, or else of its network's main one."""
    for name, value in (("association.subnet-id", subnet["SubnetId"]), ("association.main", "true")):
        asked = [{"Name": "vpc-id", "Values": [subnet["VpcId"]]}, {"Name": name, "Values": [value]}]
        tables = ec2.describe_route_tables(Filters=asked)["RouteTables"]
        if tables:
            return [route for table in tables for route in table["Routes"]]
    return []


def _leads_out(routes: Iterable[Mapping[str, Any]], *, public: bool) -> bool:
    wanted = [route for route in routes if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
    by_gateway = any(str(route.get("GatewayId", "")).startswith("igw-") for route in wanted)
    others = any(route.get(kind) for route in wanted for kind in ("NatGatewayId", "TransitGatewayId", "InstanceId"))
    return others or (by_gateway and public)


def _is_amazons(ec2: Any, network: str) -> bool:  # noqa: ANN401 - a client
    """Whether it is the account's default network, which moto leaves without its gateway."""
    return bool(ec2.describe_vpcs(VpcIds=[network])["Vpcs"][0]["IsDefault"])
