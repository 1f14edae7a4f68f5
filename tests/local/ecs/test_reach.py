"""Whether a subnet leads a task on Fargate to ECR and its logs."""

from typing import Any

import pytest

from mlstack.local.ecs.reach import ENDPOINTS, trouble

PUBLIC = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}
NAT = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}
OPEN = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
SHUT = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}


class _Ec2:
    """A network of one subnet."""

    def __init__(self, *routes: dict[str, str], endpoints: frozenset[str] = frozenset(), main: bool = False) -> None:
        self._routes = routes
        self._endpoints = endpoints
        self._main = main
        self.egress = OPEN

    def __call__(self, _service: str) -> Any:  # noqa: ANN401 - a client
        return self

    def describe_subnets(self, **_: object) -> Any:  # noqa: ANN401 - JSON
        return {"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}]}

    def describe_vpcs(self, **_: object) -> Any:  # noqa: ANN401 - JSON
        return {"Vpcs": [{"IsDefault": False}]}

    def describe_security_groups(self, **_: object) -> Any:  # noqa: ANN401 - JSON
        return {"SecurityGroups": [{"IpPermissionsEgress": [self.egress]}]}

    def describe_vpc_endpoints(self, **_: object) -> Any:  # noqa: ANN401 - JSON
        names = (f"com.amazonaws.eu-central-1.{name}" for name in self._endpoints)
        return {"VpcEndpoints": [{"ServiceName": name, "State": "available"} for name in names]}

    def describe_route_tables(self, Filters: list[dict[str, Any]]) -> Any:  # noqa: ANN401, N803 - botocore's
        asked_for_main = Filters[1]["Name"] == "association.main"
        return {"RouteTables": [{"Routes": self._routes}] if asked_for_main == self._main else []}


def _asked(*, public: bool) -> dict[str, Any]:
    return {
        "subnets": ["subnet-1"],
        "securityGroups": ["sg-1"],
        "assignPublicIp": "ENABLED" if public else "DISABLED",
    }


@pytest.mark.parametrize(
    ("ec2", "public", "reached"),
    [
        (_Ec2(LOCAL, PUBLIC), True, True),
        (_Ec2(LOCAL, PUBLIC), False, False),
        (_Ec2(LOCAL, PUBLIC, main=True), True, True),
        (_Ec2(LOCAL, NAT), False, True),
        (_Ec2(LOCAL), True, False),
        (_Ec2(LOCAL, endpoints=ENDPOINTS), False, True),
        (_Ec2(LOCAL, endpoints=ENDPOINTS - {"s3"}), False, False),
    ],
)
def test_subnet_leads_out_or_has_the_endpoints(ec2: _Ec2, public: bool, reached: bool) -> None:  # noqa: FBT001 - a case's
    assert (trouble(ec2, _asked(public=public)) == "") == reached


def test_missing_endpoint_is_named() -> None:
    ec2 = _Ec2(LOCAL, endpoints=ENDPOINTS - {"logs"})

    assert "subnet-1 has no way out and no endpoint logs)" in trouble(ec2, _asked(public=False))


def test_group_has_to_let_https_out() -> None:
    ec2 = _Ec2(LOCAL, PUBLIC)
    ec2.egress = SHUT

    assert "no rule of sg-1 lets port 443 out" in trouble(ec2, _asked(public=True))
