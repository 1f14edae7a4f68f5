"""Starts and ends a workstation's machine, and sees how far it is."""

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.errors import UserError
from mlstack.workstation.course import Seen
from mlstack.workstation.machine import STOPPED, Machine
from mlstack.workstation.refusals import INTERRUPTED, mended
from mlstack.workstation.spot import SpotRequest, request_of
from mlstack.workstation.workstation import Workstation

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

OUT_OF_TURN = "IncorrectInstanceState"
REQUEST_OUT_OF_TURN = "IncorrectSpotRequestState"
"""A start's answer where AWS interrupted the machine, but for a minute or so after every other stop too.

https://github.com/hashicorp/terraform-provider-aws/issues/33399
"""
ONLINE = "Online"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drive:
    """One machine on its way."""

    workstation: Workstation
    id: str
    wants_session: bool = False
    """Whether it has arrived only when Session Manager reaches it."""
    tells_request: bool = False
    """Whether it is of interest how its Spot request stands, as long as it is stopped."""

    @property
    def shown(self) -> str:
        """What a person reads."""
        return f"workstation {self.workstation.shown_name}"

    @property
    def look(self) -> str:
        """The command that shows how it is."""
        return self.workstation.command("status")

    def seen(self) -> Seen:
        """How it is now; raise UserError where EC2 knows it no more."""
        machine = self._machine()
        waits = self.wants_session and machine.is_running
        stands = self.tells_request and machine.state == STOPPED
        return Seen(
            machine=machine,
            reachable=not waits or self._online(machine),
            request=self._request(machine) if stands else None,
        )

    def _machine(self) -> Machine:
        try:
            found = self.workstation.ec2.describe_instances(InstanceIds=[self.id])["Reservations"]
        except ClientError as error:
            if _code(error) != "InvalidInstanceID.NotFound":
                raise
            found = []
        for reservation in found:
            for said in reservation["Instances"]:
                return Machine.read(said)
        message = f"{self.shown}: EC2 knows its machine {self.id} no more; {self.workstation.way_back}"
        raise UserError(message)

    def _online(self, machine: Machine) -> bool:
        """Whether its agent of Session Manager has reported since the start: an older word says nothing."""
        ssm: SSMClient = self.workstation.target.account.client("ssm")
        found = ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [self.id]}])
        return any(
            one.get("PingStatus") == ONLINE and one["LastPingDateTime"].astimezone(UTC) >= machine.launched_at
            for one in found["InstanceInformationList"]
        )

    def _request(self, machine: Machine) -> SpotRequest | None:
        """The Spot request behind it, if there is one and EC2 tells."""
        try:
            return request_of(self.workstation.ec2, machine, self.workstation.settings)
        except (BotoCoreError, ClientError):  # it decides no more than what a person is told
            return None

    def start(self) -> bool:
        """Ask for its start; False where it, or its Spot request, is not in a state for that yet."""
        try:
            self.workstation.ec2.start_instances(InstanceIds=[self.id])
        except ClientError as error:
            code = _code(error)
            if code == OUT_OF_TURN:
                return False
            machine = self._machine()
            if code == REQUEST_OUT_OF_TURN:
                request = self._request(machine)
                if request is None or not request.is_interrupted:
                    return False
                code = INTERRUPTED
            if reason := mended(code, machine):
                message = f"{self.shown}: {reason}"
                raise UserError(message) from error
            raise
        return True

    def stop(self) -> bool:
        """Ask for its stop; False where it is not in a state to be stopped."""
        try:
            self.workstation.ec2.stop_instances(InstanceIds=[self.id])
        except ClientError as error:
            return _out_of_turn(error)
        return True

    def terminate(self) -> bool:
        """Ask for its end, which takes its disk with it."""
        try:
            self.workstation.ec2.terminate_instances(InstanceIds=[self.id])
        except ClientError as error:
            return _out_of_turn(error)
        return True


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _out_of_turn(error: ClientError) -> bool:
    """False for what AWS says when the state has just changed; raise everything else."""
    if _code(error) != OUT_OF_TURN:
        raise error
    return False
