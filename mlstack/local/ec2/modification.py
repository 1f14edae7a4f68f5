"""ModifyInstanceAttribute: refused where EC2 refuses; moto forgets the shutdown behaviour and takes the groups away."""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.responses.instances import InstanceResponse

from mlstack.local.ec2 import spot
from mlstack.local.mend import replace

WHILE_STOPPED = frozenset({"instance_type", "user_data", "kernel", "ramdisk", "ebs_optimized"})
SHUTDOWN = "InstanceInitiatedShutdownBehavior"


def mend() -> None:
    """Let only a stopped instance change what needs that."""
    moto_modify = InstanceBackend.modify_instance_attribute
    moto_handler = InstanceResponse._dot_value_instance_attribute_handler  # noqa: SLF001 - moto has no public way

    def modify_instance_attribute(self: InstanceBackend, instance_id: str, key: str, value: Any) -> Instance:  # noqa: ANN401 - moto's signature
        instance = self.get_instance(instance_id)
        if key in WHILE_STOPPED and instance.state != "stopped":
            code = "IncorrectInstanceState"
            raise EC2ClientError(code, f"The instance '{instance_id}' is not in the 'stopped' state.")
        if key == "instance_type" and spot.request_of(instance) is not None:
            code = "UnsupportedOperation"
            raise EC2ClientError(code, f"You can't change the instance type of the Spot Instance '{instance_id}'.")
        return moto_modify(self, instance_id, key, value)

    def _dot_value_instance_attribute_handler(self: InstanceResponse) -> bool:
        wanted = self._get_param(f"{SHUTDOWN}.Value")
        if wanted is None:
            return bool(moto_handler(self))
        self.error_on_dryrun()
        key = "instance_initiated_shutdown_behavior"
        self.ec2_backend.modify_instance_attribute(self._get_param("InstanceId"), key, wanted)
        return True

    replace(InstanceBackend, "modify_instance_attribute", modify_instance_attribute)
    replace(InstanceResponse, "_dot_value_instance_attribute_handler", _dot_value_instance_attribute_handler)
