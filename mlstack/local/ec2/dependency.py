"""Networks with instances or tasks cannot be deleted: moto lets them go, and what is forgotten would not be noticed."""

from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import Subnet, SubnetBackend

from mlstack.local.mend import replace


def mend() -> None:
    """Refuse to delete what an instance or a task stands on."""
    moto_group = SecurityGroupBackend._delete_security_group  # noqa: SLF001 - both of moto's ways lead here
    moto_subnet = SubnetBackend.delete_subnet

    def _delete_security_group(self: SecurityGroupBackend, vpc_id: str | None, group_id: str) -> None:
        if any(group.id == group_id for one in _interfaces(self) for group in one.group_set):
            message = f"resource {group_id} has a dependent object"
            raise DependencyViolationError(message)
        moto_group(self, vpc_id, group_id)

    def delete_subnet(self: SubnetBackend, subnet_id: str) -> Subnet:
        if any(one.subnet.id == subnet_id for one in _interfaces(self)):
            message = f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
            raise DependencyViolationError(message)
        return moto_subnet(self, subnet_id)

    replace(SecurityGroupBackend, "_delete_security_group", _delete_security_group)
    replace(SubnetBackend, "delete_subnet", delete_subnet)


def _interfaces(backend: Any) -> Iterator[NetworkInterface]:  # noqa: ANN401 - moto's backend, made of many classes
    for instance in backend.all_instances():
        if instance.state != "terminated":
            yield from instance.nics.values()
    yield from (one for one in backend.enis.values() if ":task/" in (one.description or ""))
