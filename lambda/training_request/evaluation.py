"""The processing job that judges the model on pictures that it has not seen."""

from typing import Any

from training_request.facts import Facts, Listing
from training_request.machines import volume
from training_request.request import Machines, Training
from training_request.run import Run
from training_request.settings import Settings

_DISK_GB = 30


def planned(machines: Machines, training: Training, facts: Facts, told: Settings, run: Run) -> dict[str, Any]:
    """What CreateProcessingJob is made of."""
    uri = training.data["test"]
    cluster = {
        "InstanceType": machines.instance_type,
        "InstanceCount": 1,
        "VolumeSizeInGB": volume(machines) or _DISK_GB,  # an API that wants a number even where disks are built in
    }
    return {
        "data": facts.listings.get(uri, Listing()).found or uri,
        "image": told.training_image,
        "output": run.uri("evaluation/"),
        "resources": {"ClusterConfig": cluster},
        "max_run_seconds": machines.max_run_minutes * 60,
        "environment": {},
    }
