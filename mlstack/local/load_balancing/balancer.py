"""Load balancers themselves: made where AWS makes them, deleted where it lets them go."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import Subnet, SubnetBackend
from moto.elbv2.models import ELBv2Backend, FakeListener, FakeLoadBalancer, elbv2_backends

from mlstack.local.load_balancing import firewall
from mlstack.local.load_balancing.refusal import Code, RefusalError
from mlstack.local.mend import replace

LONGEST = 32
APPLICATION = "application"
INTERNET = "internet-facing"
ZONES = 2
ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "ipv6.deny_all_igw_traffic": "false",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
"""What an application load balancer has besides moto's."""


def mend() -> None:
    """Refuse what the service refuses, and let what is gone leave no trace."""
    _mend_creation()
    _mend_deletion()
    _mend_networks()


def _mend_creation() -> None:
    moto_create = ELBv2Backend.create_load_balancer

    def create_load_balancer(  # noqa: PLR0913, PLR0917 - moto's signature
        self: ELBv2Backend,
        name: str,
        security_groups: list[str],
        subnet_ids: list[str],
        subnet_mappings: list[dict[str, str]] | None = None,
        scheme: str = INTERNET,
        loadbalancer_type: str | None = None,
        ip_address_type: str = "ipv4",
        tags: list[dict[str, str]] | None = None,
    ) -> FakeLoadBalancer:
        _check_name(name, (one.name for one in self.load_balancers.values()))
        for group in security_groups or ():
            if self.ec2_backend.get_security_group_from_id(group) is None:
                raise RefusalError(Code.INVALID_SECURITY_GROUP, f"The security group '{group}' does not exist")
        made = moto_create(
            self,
            name,
            security_groups,
            subnet_ids,
            subnet_mappings,
            scheme or INTERNET,
            loadbalancer_type,
            ip_address_type,
            tags,
        )
        try:
            _check_place(self, made)
        except RefusalError:
            del self.load_balancers[made.arn]
            raise
        if made.type == APPLICATION:
            made.attrs |= ATTRIBUTES
        return made

    replace(ELBv2Backend, "create_load_balancer", create_load_balancer)


def _check_name(name: str, taken: Iterable[str]) -> None:
    wrong = ""
    if len(name) > LONGEST:
        wrong = f"cannot be longer than '{LONGEST}' characters"
    elif name.startswith("internal-"):
        wrong = "cannot begin with 'internal-'"
    elif name.startswith("-") or name.endswith("-"):
        wrong = "cannot begin or end with '-'"
    elif not name.replace("-", "").isalnum() or not name.isascii():
        wrong = "can only contain characters that are alphanumeric characters and hyphens(-)"
    if wrong:
        raise RefusalError(Code.VALIDATION, f"The load balancer name '{name}' {wrong}")
    if name in taken:
        message = f"A load balancer with the same name '{name}' exists, but with different settings"
        raise RefusalError(Code.DUPLICATE_BALANCER, message)


def _check_place(self: ELBv2Backend, made: FakeLoadBalancer) -> None:
    zones = {subnet.availability_zone for subnet in made.subnets}
    if made.type == APPLICATION and len(zones) < ZONES:
        message = "At least two subnets in two different Availability Zones must be specified"
        raise RefusalError(Code.VALIDATION, message)
    gateways = self.ec2_backend.describe_internet_gateways(filters={"attachment.vpc-id": made.vpc_id})
    if made.scheme == INTERNET and not gateways:
        raise RefusalError(Code.INVALID_SUBNET, f"VPC {made.vpc_id} has no internet gateway")


def _mend_deletion() -> None:
    moto_delete, moto_listener = ELBv2Backend.delete_load_balancer, ELBv2Backend.delete_listener
    moto_rule = ELBv2Backend.delete_rule

    def delete_load_balancer(self: ELBv2Backend, arn: str) -> None:
        there = self.load_balancers.get(arn)
        if there is not None and there.attrs["deletion_protection.enabled"] == "true":
            message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            raise RefusalError(Code.NOT_PERMITTED, message)
        moto_delete(self, arn)
        firewall.release(self, arn)
        _forget(self)

    def delete_listener(self: ELBv2Backend, listener_arn: str) -> FakeListener:
        gone = moto_listener(self, listener_arn)
        _forget(self)
        return gone

    @wraps(moto_rule)
    def delete_rule(self: ELBv2Backend, arn: str) -> None:
        moto_rule(self, arn)
        _forget(self)

    replace(ELBv2Backend, "delete_load_balancer", delete_load_balancer)
    replace(ELBv2Backend, "delete_listener", delete_listener)
    replace(ELBv2Backend, "delete_rule", delete_rule)


def _forget(self: ELBv2Backend) -> None:
    """Let target groups name the load balancers that still lead to them, and no others."""
    for arn, group in self.target_groups.items():
        group.load_balancer_arns = [
            balancer.arn
            for balancer in self.load_balancers.values()
            if any(arn in _targets(self, listener) for listener in balancer.listeners.values())
        ]


def _targets(self: ELBv2Backend, listener: FakeListener) -> set[str]:
    actions: Iterable[Any] = (action for rule in listener.rules.values() for action in rule.actions)
    return {arn for action in actions for arn in self._get_target_group_arns_from(action.data)}


def _mend_networks() -> None:
    """Refuse to delete what a load balancer stands on: its network interfaces are in it."""
    moto_group = SecurityGroupBackend._delete_security_group  # noqa: SLF001 - both of moto's ways lead here
    moto_subnet = SubnetBackend.delete_subnet

    def _delete_security_group(self: SecurityGroupBackend, vpc_id: str | None, group_id: str) -> None:
        if any(group_id in (one.security_groups or ()) for one in _balancers(self)):
            message = f"resource {group_id} has a dependent object"
            raise DependencyViolationError(message)
        moto_group(self, vpc_id, group_id)

    def delete_subnet(self: SubnetBackend, subnet_id: str) -> Subnet:
        if any(subnet_id in {subnet.id for subnet in one.subnets} for one in _balancers(self)):
            message = f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
            raise DependencyViolationError(message)
        return moto_subnet(self, subnet_id)

    replace(SecurityGroupBackend, "_delete_security_group", _delete_security_group)
    replace(SubnetBackend, "delete_subnet", delete_subnet)


def _balancers(ec2: Any) -> list[FakeLoadBalancer]:  # noqa: ANN401 - moto's backend, made of many classes
    return [*elbv2_backends[ec2.account_id][ec2.region_name].load_balancers.values()]
