"""The local AWS as an object: start it, deploy to it with the real CDK CLI, ask it what it did, stop it."""

import fcntl
import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import boto3
from botocore.config import Config

from mlstack.assembly import Assembly
from mlstack.errors import UserError
from mlstack.local import clock, guard, machine, state
from mlstack.local.capacity import setting as capacity_setting
from mlstack.local.cdk import Cdk, Tell, silent
from mlstack.local.ec2 import publication
from mlstack.local.ecs import limits as ecs_limits
from mlstack.local.environment import ACCOUNT, REGION, Place, isolated
from mlstack.local.leftovers import BOOTSTRAP, Leftovers, Resource, bootstrap_names, inventory, split
from mlstack.local.machine.told import Told
from mlstack.local.process import end, launch, reap
from mlstack.local.rekognition import quota
from mlstack.local.report import ROUTE, Facts, Gap
from mlstack.local.retained import retained
from mlstack.local.sagemaker import limits
from mlstack.local.service_quotas import instance_quota
from mlstack.local.session import session
from mlstack.project import WORK

# A proxy of the person's shell is not for this machine's own port.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
CONFIG = Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}, connect_timeout=5, proxies={})


class LocalAws:
    """A running local AWS; as a context manager it stops at the end."""

    def __init__(self, folder: Path, place: Place, *, process: subprocess.Popen[bytes] | None = None) -> None:
        self.folder = folder
        self.place = place
        self._process = process
        self._session = session(place)
        self._clients: dict[str, Any] = {}

    @classmethod
    def find(cls, folder: Path = WORK) -> Self | None:
        """The one that runs in ``folder``, if one does."""
        found = state.read(folder)
        if found is None:
            return None
        place = Place(port=found.port, region=found.region, account=found.account)
        return cls(folder, place) if _answers(place) else None

    @classmethod
    def start(cls, folder: Path = WORK, *, region: str = REGION, account: str = ACCOUNT) -> Self:
        """Start one in ``folder`` or find the one that runs there; raise UserError where real AWS could be reached."""
        guard.check(os.environ)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once start one server
            found = cls.find(folder)
            if found is not None:
                _same(found.place, region, account)
                return found
            process, place = launch(folder, region, account)
        return cls(folder, place, process=process)

    def __enter__(self) -> Self:
        """Nothing more to do: it runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def cdk(self) -> Cdk:
        """The CDK CLI, pointed here."""
        return Cdk(place=self.place, folder=self.folder)

    def session(self) -> boto3.Session:
        """A session that knows nothing of the person's own configuration; its clients need ``endpoint_url``."""
        return self._session

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        """A client of one service here."""
        if service not in self._clients:
            self._clients[service] = self._session.client(
                cast("Any", service), endpoint_url=self.place.endpoint, config=CONFIG
            )
        return self._clients[service]

    def environment(self) -> dict[str, str]:
        """The environment for a program that shall speak to this AWS and to nothing else."""
        return isolated(os.environ, self.place, self.folder / "home")

    def assembly(self) -> Assembly:
        """The cloud assembly that was synthesized last."""
        return Assembly.read(self.cdk.assembly)

    def bootstrap(self, tell: Tell = silent) -> None:
        """Bootstrap every environment that the assembly names."""
        environments = {stack.environment for stack in self.assembly().stacks}
        known = {name.replace("unknown-account", self.place.account) for name in environments}
        self.cdk.bootstrap(sorted(name.replace("unknown-region", self.place.region) for name in known), tell)

    def deploy(self, tell: Tell = silent) -> None:
        """Deploy every stack of the assembly."""
        self.cdk.deploy(tell)

    def destroy(self, tell: Tell = silent) -> None:
        """Destroy every stack, those of earlier assemblies too; raise UserError where one is still there."""
        self.cdk.destroy(tell)
        self._delete_others(tell)
        left = sorted(self.stacks().keys() - {BOOTSTRAP})
        if left:
            message = f"cdk destroy left {', '.join(left)}; see {self.cdk.log}"
            raise UserError(message)

    def _delete_others(self, tell: Tell) -> None:
        """Delete what is deployed and not in the assembly, youngest first, so that consumers go before producers."""
        cloudformation = self.client("cloudformation")
        listed = cloudformation.describe_stacks()["Stacks"]
        for stack in sorted(listed, key=lambda stack: stack["CreationTime"], reverse=True):
            if stack["StackName"] != BOOTSTRAP:
                tell(f"{stack['StackName']}: not in this assembly, deleting")
                cloudformation.delete_stack(StackName=stack["StackName"])

    def retained(self) -> frozenset[Resource]:
        """What exists now that a destroy leaves, because the deployed templates say so."""
        return retained(self.client, sorted(self.stacks().keys() - {BOOTSTRAP}))

    def stacks(self) -> dict[str, str]:
        """The status of each stack by its name."""
        listed = self.client("cloudformation").describe_stacks()["Stacks"]
        return {stack["StackName"]: stack["StackStatus"] for stack in listed}

    def report(self) -> Facts:
        """What was done and what could not be."""
        with DIRECT.open(self.place.endpoint + ROUTE, timeout=10) as answer:
            facts: Facts = json.load(answer)
        return facts

    def rekognition_limits(self, **changed: object) -> dict[str, Any]:
        """Rekognition's quotas, after those ``changed``; mlstack.local.rekognition.quota.Limits names them."""
        return self._set(quota.ROUTE, changed)

    def hosting_limits(self, **changed: float) -> dict[str, Any]:
        """How patient SageMaker is, after what is ``changed``; mlstack.local.sagemaker.limits.Limits names it."""
        return self._set(limits.ROUTE, changed)

    def service_quotas(self, changed: Mapping[str, float | None] | None = None) -> dict[str, float]:
        """SageMaker's quotas that were set, after those ``changed`` by their names; None takes the default back."""
        return self._set(instance_quota.ROUTE, changed or {})

    def newer_image(self, parameter: str) -> str:
        """Have a newer Deep Learning AMI of a line published, as AWS does every few weeks; its id."""
        images: dict[str, str] = self._set(publication.ROUTE, {"parameter": parameter})
        return images[parameter]

    def pass_time(self, seconds: float) -> dict[str, Any]:
        """Let time pass for alarms and schedules, and wait until what fell due is done; says the date then."""
        return self._set(clock.ROUTE, {"pass_seconds": seconds})

    def ecs(self, **changed: object) -> dict[str, Any]:
        """How patient ECS is, and which task Spot takes away, after what is ``changed``: mlstack.local.ecs.limits."""
        return self._set(ecs_limits.ROUTE, changed)

    def capacity(self, **changed: object) -> capacity_setting.Told:
        """What EC2 has no capacity for, which instances were given notice, which tasks wait, after what is ``changed``.

        ``no_spot`` and ``no_on_demand`` list instance types ("*": every one), ``interrupt`` is a Spot instance's id.
        """
        return cast("capacity_setting.Told", self._set(capacity_setting.ROUTE, changed))

    def machines(self, instance: str | None = None, **changed: object) -> dict[str, Told]:
        """How the machines behind instances are, after what is ``changed`` on one: mlstack.local.machine.machines."""
        return self._set(machine.ROUTE, {"instance": instance, **changed} if instance else {})

    def _set(self, route: str, changed: Mapping[str, object]) -> dict[str, Any]:
        body = json.dumps(changed).encode() if changed else None
        with DIRECT.open(self.place.endpoint + route, body, timeout=10) as answer:
            said: dict[str, Any] = json.load(answer)
        return said

    def gaps(self) -> list[Gap]:
        """Everything in the deployed stacks that is not as AWS would have made it."""
        facts = self.report()
        return [*facts["skipped"], *facts["unapplied"]]

    def leftovers(self) -> Leftovers:
        """What exists beyond what AWS itself puts into an empty account, asked of each service."""
        return split(inventory(self.client), bootstrap_names(self.client("cloudformation")))

    def close(self) -> None:
        """Close the clients; the server goes on."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def stop(self) -> None:
        """End the server with everything in it, and wait for its end."""
        found = state.read(self.folder)
        self.close()
        if self._process is not None:
            reap(self._process)
        elif found is not None and found.port == self.place.port:
            end(found.pid)
        if found is not None:
            (self.folder / state.NAME).unlink(missing_ok=True)


def require(gaps: Sequence[Gap], allowed: frozenset[str] = frozenset()) -> None:
    """Raise UserError where something was skipped whose type is not ``allowed``."""
    missing = sorted({gap["type"] for gap in gaps} - allowed)
    if missing:
        message = f"the local AWS does not provide {', '.join(missing)}; add a module in mlstack/local/cloudformation"
        raise UserError(message)


def _same(place: Place, region: str, account: str) -> None:
    if (place.region, place.account) != (region, account):
        message = (
            f"a local AWS is up already, as account {place.account} in {place.region}; "
            "run `mlstack local down` before you start another"
        )
        raise UserError(message)


def _answers(place: Place) -> bool:
    try:
        with DIRECT.open(place.endpoint + ROUTE, timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
    except (urllib.error.URLError, OSError):
        return False
