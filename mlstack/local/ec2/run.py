"""RunInstances from a launch template: all of its data holds, and its image is looked up at that moment."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import Instance, InstanceBackend, Reservation
from moto.ec2.responses.instances import InstanceResponse

from mlstack.local.ec2 import image, launched, request, spot
from mlstack.local.ec2.supply import SUPPLY
from mlstack.local.mend import replace

CALL = "mlstack_call"
ROOT_GB = 8
"""Of an image that is unknown here: one that only AWS has."""


def mend() -> None:
    """Launch what AWS would launch."""
    moto_run = InstanceResponse.run_instances
    moto_backend_run = InstanceBackend.run_instances

    def run_instances(self: InstanceResponse) -> ActionResult:
        whole = _whole(self)
        spot.check(whole)
        SUPPLY.check(whole)
        self.params = whole
        answer = moto_run(self)
        made: Any = answer.result
        for instance in made.instances:
            _finish(instance, whole)
        return answer

    def backend_run_instances(
        self: InstanceBackend,
        image_id: str,
        count: int,
        user_data: Any,  # noqa: ANN401 - moto's own type
        security_group_names: list[str],
        **kwargs: Any,  # noqa: ANN401 - moto's signature
    ) -> Reservation:
        made = moto_backend_run(self, image_id, count, user_data, security_group_names, **kwargs)
        for instance in made.instances:
            vars(instance)[CALL] = lambda: backend_run_instances(
                self, image_id, 1, user_data, security_group_names, **kwargs
            )
        return made

    replace(InstanceResponse, "run_instances", run_instances)
    replace(InstanceBackend, "run_instances", backend_run_instances)


def _whole(asking: InstanceResponse) -> dict[str, Any]:
    """The request with its template's data and its image's disk."""
    backend = asking.ec2_backend
    asked: dict[str, Any] = {**asking.params}
    template = asked.get("LaunchTemplate") or {}
    whole = request.merged(asked, _data(backend, template))
    if not whole.get("ImageId"):
        code = "MissingParameter"
        raise EC2ClientError(code, "The request must contain the parameter ImageId")
    whole["ImageId"] = image.resolved(backend.account_id, backend.region_name, whole["ImageId"])
    ami = backend.amis.get(whole["ImageId"])
    if ami is not None:
        _fits(str(whole.get("InstanceType", "m1.small")), str(ami.architecture))
    device, size = ("/dev/sda1", ROOT_GB) if ami is None else (ami.root_device_name, _size(ami))
    return request.with_root(whole, device, size)


def _fits(instance_type: str, architecture: str) -> None:
    """Raise EC2's error for an image of another processor; a type that moto has not heard of yet may have any."""
    supported = INSTANCE_TYPES.get(instance_type, {}).get("ProcessorInfo", {}).get("SupportedArchitectures", [])
    if supported and architecture not in supported:
        code = "InvalidParameterValue"
        message = (
            f"The architecture '{','.join(supported)}' of the specified instance type does not match the architecture "
            f"'{architecture}' of the specified AMI. Specify an instance type and an AMI that have matching "
            "architectures, and try again."
        )
        raise EC2ClientError(code, message)


def _size(ami: Any) -> int:  # noqa: ANN401 - moto's AMI
    return int(ami.block_device_mappings[0]["Ebs"]["VolumeSize"])


def _data(backend: Any, template: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - moto's backend
    if not template:
        return {}
    name = template.get("LaunchTemplateId")
    found = (
        backend.get_launch_template(name)
        if name
        else backend.get_launch_template_by_name(template.get("LaunchTemplateName"))
    )
    data: dict[str, Any] = found.get_version(template.get("Version", "$Default")).data
    return data


def _finish(instance: Instance, whole: dict[str, Any]) -> None:
    """What moto leaves out of an instance that it has made."""
    profile = whole.get("IamInstanceProfile")
    relaunch: Callable[[], Reservation] = vars(instance)[CALL]

    def again() -> Instance:
        [made] = relaunch().instances
        if profile:
            names = {"iam_instance_profile_name": profile.get("Name"), "iam_instance_profile_arn": profile.get("Arn")}
            made.ec2_backend.associate_iam_instance_profile(instance_id=made.id, **names)
        _complete(made, whole)
        return made

    _complete(instance, whole)
    spot.requested(instance, whole, again)
    launched.tell("launch", instance.ec2_backend.account_id, instance.ec2_backend.region_name, instance.id)


def _complete(instance: Instance, whole: dict[str, Any]) -> None:
    if whole.get("DisableApiTermination"):
        instance.disable_api_termination = True
    instance.security_groups = instance.security_groups or list(instance.nics[0].group_set)
    given = {int(one.get("DeviceIndex", 0)): one for one in whole.get("NetworkInterfaces", [])}
    for index, interface in instance.nics.items():
        said = given.get(index, {})
        if "NetworkInterfaceId" not in said:
            interface.delete_on_termination = said.get("DeleteOnTermination", True)
