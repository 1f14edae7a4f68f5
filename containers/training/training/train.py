"""A training job: from SageMaker's folders to the model folder and the report."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from training import devices, plan, processors
from training.architectures import PRETRAINED
from training.cluster import PORT, Cluster
from training.dataset import Dataset
from training.hyperparameters import Hyperparameters
from training.job import Job
from training.plan import Plan
from training.stop import STOPPED, Signalled

LOOK_S = 0.2


class LostProcessError(Exception):
    """One of the processes that train together ended without saying why."""


def run(environment: Mapping[str, str], stop: Signalled) -> int:
    """Do it; the exit code. Raise ProblemError and whatever else goes wrong."""
    job = Job.read(environment)
    chosen = Hyperparameters.read(job.hyperparameters, pretrained=PRETRAINED in job.channels)
    dataset = Dataset.read(job.channels, part=chosen.validation_part, seed=chosen.seed)
    gpus = devices.count(job, environment)
    cluster = Cluster(
        hosts=job.hosts,
        host=job.host,
        # One for each GPU; one on a processor, whose cores it uses all.
        processes=chosen.processes or gpus or 1,
        interface=job.interface,
        address=environment.get("MASTER_ADDR", ""),
        port=environment.get("MASTER_PORT") or PORT,
    )
    with tempfile.TemporaryDirectory(prefix="training-") as scratch:
        folder = Path(scratch)
        prepared = Plan.make(job, chosen, dataset, folder, world_size=cluster.world_size)
        stop.patient = True
        if cluster.world_size > 1:
            return _together(cluster, environment, folder, stop)
        from training import worker  # noqa: PLC0415

        return worker.work(job, chosen, prepared, stop)


def _together(cluster: Cluster, environment: Mapping[str, str], folder: Path, stop: Signalled) -> int:
    """Start this host's processes and wait for them."""
    told = {
        **environment,
        **cluster.environment(processors.count()),
        plan.SCRATCH: str(folder),
        plan.STOP_FILE: str(folder / plan.STOPPED_BY),
        plan.LAUNCHER: str(os.getpid()),
    }
    # A session of its own: a signal to this process's group does not reach them before they have saved.
    started = subprocess.Popen(
        [sys.executable, "-m", "torch.distributed.run", *cluster.torchrun("training.worker")],
        env=told,
        start_new_session=True,
    )
    while True:
        try:
            code = started.wait(LOOK_S)
            break
        except subprocess.TimeoutExpired:
            if stop.asked():
                (folder / plan.STOPPED_BY).touch()
    if code:
        message = f"torchrun ended with {code}; if the log says nothing else, memory may have run out"
        raise LostProcessError(message)
    return 0 if (folder / plan.DONE).exists() else STOPPED
