"""Notebook instances: created, started, stopped, changed while they are stopped, deleted; nothing runs on them."""

from dataclasses import dataclass
from threading import Timer
from uuid import uuid4

from mlstack.local.environment import Place
from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.registry import INVALID, Record, Registry, listing

PENDING, IN_SERVICE, STOPPING, STOPPED = "Pending", "InService", "Stopping", "Stopped"
UPDATING, DELETING, FAILED = "Updating", "Deleting", "Failed"
SOON_S = 0.1
"""How long a change of state takes; on AWS minutes."""
RENAMED = {"LifecycleConfigName": "NotebookInstanceLifecycleConfigName", "SecurityGroupIds": "SecurityGroups"}
"""What the description calls otherwise than the request."""
DEFAULTS: Json = {
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "VolumeSizeInGB": 5,
    "PlatformIdentifier": "notebook-al2-v2",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
}
TAKEN_AWAY = {
    "DisassociateLifecycleConfig": "LifecycleConfigName",
    "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
    "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
}
NOT_ALLOWED = "Status ({status}) not in ([{allowed}]). Unable to transition to ({wanted}) for Notebook Instance ({arn})"


@dataclass(kw_only=True)
class Notebook(Record):
    """A notebook instance."""

    status: str = PENDING


class Notebooks:
    """The notebook instances of one account and region."""

    def __init__(self, place: Place, lifecycles: Registry[Record]) -> None:
        self.kept: Registry[Notebook] = Registry(
            place, "notebook-instance", "notebook instance", missing="RecordNotFound"
        )
        self._region = place.region
        self._lifecycles = lifecycles

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreateNotebookInstance": self._create,
            "CreatePresignedNotebookInstanceUrl": self._open,
            "DeleteNotebookInstance": self._delete,
            "DescribeNotebookInstance": lambda asked: self._told(self.kept.get(asked["NotebookInstanceName"])),
            "ListNotebookInstances": lambda asked: listing(iter(self.kept), asked, self._summary, "NotebookInstances"),
            "StartNotebookInstance": self._start,
            "StopNotebookInstance": self._stop,
            "UpdateNotebookInstance": self._update,
        }

    def _create(self, asked: Json) -> Json:
        self._check(asked)
        name = asked["NotebookInstanceName"]
        made = self.kept.add(Notebook(name=name, arn=self.kept.arn(name), said={**DEFAULTS, **asked}))
        _later(made, IN_SERVICE)
        return {"NotebookInstanceArn": made.arn}

    def _check(self, asked: Json) -> None:
        if asked.get("LifecycleConfigName"):
            self._lifecycles.get(asked["LifecycleConfigName"])
        if asked.get("DirectInternetAccess") == "Disabled" and not asked.get("SubnetId"):
            raise ServiceError(INVALID, "SubnetId is needed when DirectInternetAccess is Disabled.")
        if asked.get("SubnetId") and not asked.get("SecurityGroupIds"):
            raise ServiceError(INVALID, "SecurityGroupIds are needed with SubnetId.")

    def _start(self, asked: Json) -> None:
        notebook = self._from(asked, (STOPPED, FAILED), PENDING)
        _later(notebook, IN_SERVICE)

    def _stop(self, asked: Json) -> None:
        notebook = self._from(asked, (IN_SERVICE,), STOPPING)
        _later(notebook, STOPPED)

    def _delete(self, asked: Json) -> None:
        notebook = self._from(asked, (STOPPED, FAILED), DELETING)
        timer = Timer(SOON_S, self.kept.remove, [notebook.name])
        timer.daemon = True
        timer.start()

    def _update(self, asked: Json) -> None:
        before = self.kept.get(asked["NotebookInstanceName"])
        if asked.get("VolumeSizeInGB", before.said["VolumeSizeInGB"]) < before.said["VolumeSizeInGB"]:
            raise ServiceError(INVALID, "VolumeSizeInGB cannot be made smaller.")
        self._check({name: value for name, value in asked.items() if name == "LifecycleConfigName"})
        notebook = self._from(asked, (STOPPED, FAILED), UPDATING)
        notebook.said |= {name: value for name, value in asked.items() if name not in TAKEN_AWAY}
        for flag, name in TAKEN_AWAY.items():
            if asked.get(flag):
                notebook.said.pop(name, None)
        _later(notebook, STOPPED)

    def _open(self, asked: Json) -> Json:
        notebook = self.kept.get(asked["NotebookInstanceName"])
        if notebook.status != IN_SERVICE:
            raise ServiceError(INVALID, f"Notebook Instance ({notebook.arn}) is not InService but {notebook.status}.")
        return {"AuthorizedUrl": f"https://{self._url(notebook)}?authToken=local-{uuid4().hex}"}

    def _from(self, asked: Json, allowed: tuple[str, ...], wanted: str) -> Notebook:
        """The notebook, on its way to another state; ServiceError where it cannot go there."""
        with self.kept.lock:
            notebook = self.kept.get(asked["NotebookInstanceName"])
            if notebook.status not in allowed:
                said = {"status": notebook.status, "allowed": ", ".join(allowed), "wanted": wanted}
                raise ServiceError(INVALID, NOT_ALLOWED.format(**said, arn=notebook.arn))
            notebook.status = wanted
            notebook.touch()
        return notebook

    def _url(self, notebook: Notebook) -> str:
        return f"{notebook.name}.notebook.{self._region}.sagemaker.aws"

    def _told(self, notebook: Notebook) -> Json:
        hidden = {"Tags", "NotebookInstanceName"}
        said = {RENAMED.get(name, name): value for name, value in notebook.said.items() if name not in hidden}
        return {**said, **self._summary(notebook)}

    def _summary(self, notebook: Notebook) -> Json:
        return {
            "NotebookInstanceName": notebook.name,
            "NotebookInstanceArn": notebook.arn,
            "NotebookInstanceStatus": notebook.status,
            "InstanceType": notebook.said["InstanceType"],
            "Url": self._url(notebook),
            **notebook.dates,
        }


def _later(notebook: Notebook, status: str) -> None:
    def arrive() -> None:
        notebook.status = status
        notebook.touch()

    timer = Timer(SOON_S, arrive)
    timer.daemon = True
    timer.start()
