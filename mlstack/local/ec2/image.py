"""The AMIs that AWS publishes: its public parameters, an image behind each, and `resolve:ssm:` at launch.

AWS's own parameters cannot be put through the API, so they are put into moto's backend, once somebody looks.
"""

import re
from threading import RLock

from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.utils import random_ami_id
from moto.ssm.models import Parameter, ParameterDict, ssm_backends

from mlstack.local import runtime
from mlstack.local.ec2.line import PREFIXES, Line, lines
from mlstack.local.ec2.publication import wanted
from mlstack.local.mend import replace

RESOLVED = "resolve:ssm:"
IMAGE_ID = re.compile(r"ami-[0-9a-f]{8}(?:[0-9a-f]{9})?")
DATA_TYPE = "aws:ec2:image"
SEEDED = "mlstack_seeded"

_seeding = RLock()


def mend() -> None:
    """Let the parameters be there for whoever looks for one."""
    moto_check = ParameterDict._check_loading_status  # noqa: SLF001 - moto loads its own ones there

    def _check_loading_status(self: ParameterDict, key: str) -> None:
        moto_check(self, key)
        if str(key or "").startswith(PREFIXES):
            _seed(self)

    replace(ParameterDict, "_check_loading_status", _check_loading_status)


def resolved(account: str, region: str, image_id: str) -> str:
    """The AMI's id that an ImageId means now; raise EC2's error for one that means none."""
    if not image_id.startswith(RESOLVED):
        if IMAGE_ID.fullmatch(image_id):
            return image_id
        code = "InvalidAMIID.Malformed"
        raise EC2ClientError(code, f'Invalid id: "{image_id}" (expecting "ami-...")')
    name = image_id.removeprefix(RESOLVED)
    code = "SsmInvalidParameter"
    try:
        found = ssm_backends[account][region].get_parameter(name)
    except Exception as error:
        raise EC2ClientError(code, f"The parameter {name} is not valid: {error}") from error
    if found is None:
        raise EC2ClientError(code, f"The parameter {name} does not exist in Systems Manager.")
    if found.data_type != DATA_TYPE:
        raise EC2ClientError(
            code, f"Unsupported data type. The following parameter data types are supported: {DATA_TYPE}"
        )
    return str(found.value)


def publish(account: str, region: str, parameter: str) -> str:
    """Publish a newer image of a line, as AWS does every few weeks; raise ValueError where there is no such line."""
    found = {line.parameter: line for line in lines()}.get(parameter)
    if found is None:
        message = f"no line of Deep Learning AMIs, or of those for ECS, has the parameter {parameter}"
        raise ValueError(message)
    parameters = ssm_backends[account][region]._parameters  # noqa: SLF001 - moto has no public way
    _seed(parameters)
    with _seeding:
        return _publish(parameters, found)


def told(body: bytes) -> dict[str, str]:
    """The newest image of each line, after a test's wish for a newer one of it."""
    here = runtime.running().place
    parameter = wanted(body)
    if parameter is not None:
        publish(here.account, here.region, parameter)
    return {line.parameter: resolved(here.account, here.region, RESOLVED + line.parameter) for line in lines()}


def _seed(parameters: ParameterDict) -> None:
    with _seeding:
        if not vars(parameters).get(SEEDED):
            vars(parameters)[SEEDED] = True
            for line in lines():
                _publish(parameters, line)


def _publish(parameters: ParameterDict, line: Line) -> str:
    """An image, and a version of the parameter that leads to it."""
    made = _image(parameters, line)
    versions = parameters[line.parameter]
    new = Parameter(  # type: ignore[abstract]  # moto itself makes it so
        account_id=parameters.account_id,
        name=line.parameter,
        value=made.id,
        parameter_type="String",
        description=None,
        allowed_pattern=None,
        keyid=None,
        last_modified_date=utcnow(),
        version=len(versions) + 1,
        data_type=DATA_TYPE,
    )
    versions.append(new)
    return str(made.id)


def _image(parameters: ParameterDict, line: Line) -> Ami:
    backend = ec2_backends[parameters.account_id][parameters.region_name]
    now = utcnow()
    made = Ami(
        backend,
        random_ami_id(),
        name=line.name.format(date=f"{now:%Y%m%d%H%M%S%f}"),
        description=f"Stands for {line.parameter}",
        owner_id=line.owner,
        owner_alias="amazon",
        public=True,
        virtualization_type="hvm",
        architecture=line.processor,
        creation_date=now,
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name=line.root_device,
        region_name=f"{parameters.region_name}a",
    )
    backend.amis[made.id] = made
    return made
