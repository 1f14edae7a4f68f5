"""One of the processes that train: alone, or started by torchrun."""

import os
import sys
from pathlib import Path

import numpy as np

from training import failure, outcome, plan, report
from training.architectures import PRETRAINED
from training.fitting import fit
from training.hyperparameters import Hyperparameters
from training.job import Job
from training.plan import Plan
from training.problem import ProblemError
from training.stop import STOPPED, Stop, Told

SAMPLE = 16
"""Pictures that the exported model is checked with."""


def work(job: Job, chosen: Hyperparameters, prepared: Plan, stop: Stop) -> int:
    """Train, and write what the job is for; the exit code. Raise whatever goes wrong."""
    steps = plan.preprocessing(chosen, job.channels)
    fitted = fit(job, chosen, prepared, steps, stop)
    if fitted is None:
        sys.stderr.write(f"stopped; {job.checkpoints} is where to continue from\n")
        return STOPPED
    if not np.isfinite(fitted.logits).all():
        message = "the training has gone astray: the network's answers are not finite; use a smaller learning_rate"
        raise ProblemError(message)
    if fitted.leads:
        judged = prepared.pixels(plan.VALIDATION)
        outcome.write(report.of(fitted.logits, judged.labels, prepared.labels), job.folders.output_data)
        from training import exporting  # noqa: PLC0415  # much, which need not lie in memory before

        exporting.export(fitted.network, steps, judged.values(slice(SAMPLE)), job.folders.model)
    return 0


def main() -> int:
    """Run under torchrun."""
    environment = os.environ
    job = Job.read(environment)
    try:
        chosen = Hyperparameters.read(job.hyperparameters, pretrained=PRETRAINED in job.channels)
        stop = Told(Path(environment[plan.STOP_FILE]), int(environment[plan.LAUNCHER]))
        return work(job, chosen, Plan.open(Path(environment[plan.SCRATCH])), stop)
    except Exception as error:
        failure.write(job.folders.output, failure.line(error, environment))
        raise


if __name__ == "__main__":
    code = main()
    if not code and os.environ["LOCAL_RANK"] == "0":
        (Path(os.environ[plan.SCRATCH]) / plan.DONE).touch()
    sys.exit(0)  # torchrun takes every other code for a failure; the file tells the end from a stop
