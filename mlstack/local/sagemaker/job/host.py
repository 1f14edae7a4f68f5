"""One host of a training job: its name, and the folder that stands for /opt/ml there."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.record import JobError

OPT_ML = PurePosixPath("/opt/ml")
ELSEWHERE = "the local AWS gives a container no folder but {folder}, so not {path}"
GROUP = "homogeneousCluster"


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """One host; ``base`` stands for /opt/ml."""

    name: str
    instance_type: str
    group: str
    base: Path

    def furnish(self, said: Json, hosts: "list[Host]") -> None:
        """Make the folders, and write what SageMaker tells a container.

        As in https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html.
        """
        for folder in ("input/config", "input/data", "model", "output/data", "checkpoints"):
            (self.base / folder).mkdir(parents=True)
        algorithm = said["AlgorithmSpecification"]
        channels = {
            one["ChannelName"]: {
                "TrainingInputMode": one.get("InputMode", algorithm["TrainingInputMode"]),
                "S3DistributionType": one["DataSource"]
                .get("S3DataSource", {})
                .get("S3DataDistributionType", "FullyReplicated"),
                "RecordWrapperType": one.get("RecordWrapperType", "None"),
                **({"ContentType": one["ContentType"]} if "ContentType" in one else {}),
            }
            for one in said.get("InputDataConfig", [])
        }
        self._write("hyperparameters", said.get("HyperParameters", {}))
        self._write("inputdataconfig", channels)
        self._write("resourceconfig", {**self.resources(hosts), "network_interface_name": "lo"})

    def resources(self, hosts: "list[Host]") -> Json:
        """What resourceconfig.json says of the hosts."""
        groups = {one.group: one.instance_type for one in hosts}
        return {
            "current_host": self.name,
            "current_instance_type": self.instance_type,
            "current_group_name": self.group,
            "hosts": [one.name for one in hosts],
            "instance_groups": [
                {
                    "instance_group_name": group,
                    "instance_type": kind,
                    "hosts": [one.name for one in hosts if one.group == group],
                }
                for group, kind in groups.items()
            ],
        }

    def failure(self) -> str:
        """What the container wrote about its failure."""
        return read_text(self.base / "output" / "failure")

    def _write(self, name: str, said: Json) -> None:
        (self.base / "input" / "config" / f"{name}.json").write_text(json.dumps(said))


def hosts_of(resources: Json, folder: Path) -> list[Host]:
    """The hosts that a ResourceConfig asks for."""
    groups = resources.get("InstanceGroups") or [{**resources, "InstanceGroupName": GROUP}]
    wanted = [
        (str(group.get("InstanceType", "")), str(group["InstanceGroupName"]))
        for group in groups
        for _ in range(group.get("InstanceCount") or 1)
    ]
    return [
        Host(name=f"algo-{number}", instance_type=kind, group=group, base=folder / f"algo-{number}" / "opt" / "ml")
        for number, (kind, group) in enumerate(wanted, 1)
    ]


def mapped(path: str, base: Path, root: PurePosixPath = OPT_ML) -> Path:
    """Where a container's path lies on this machine; JobError for one outside of ``root``."""
    there = PurePosixPath(path)
    if not there.is_relative_to(root) or ".." in there.parts:
        raise JobError(ELSEWHERE.format(folder=root, path=path))
    return base / there.relative_to(root)


def read_text(path: Path, most: int = 1024) -> str:
    """The beginning of a file that a container may have written."""
    try:
        with path.open("rb") as file:
            return file.read(most).decode(errors="replace").strip()
    except OSError:
        return ""
