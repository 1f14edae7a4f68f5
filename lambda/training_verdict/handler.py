"""Judges a trained model for the state machine; a model that fails its gate is an answer, no error."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from shared import clients
from shared.patience import patiently
from training_verdict.judging import judged
from training_verdict.reading import measured, report_uri, reported

logging.getLogger(__package__).setLevel(logging.INFO)
logger = logging.getLogger(__name__)


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Read the metrics of the evaluation, or of the job where nothing was evaluated, and judge them.

    Raises:
        EvaluationReportError: where the evaluation left no report that can be read.
        ClientError: where AWS refuses to tell.
    """
    plan = event["plan"]
    job = (event.get("trained") or {}).get("job")
    report = report_uri(plan["evaluation"]["output"]) if plan.get("evaluation") else None
    metrics: Mapping[str, float] = {}
    if report:
        metrics = patiently(partial(reported, clients.s3(), report))
    elif job:
        metrics = patiently(partial(measured, clients.sagemaker(), job))
    verdict = judged(plan.get("gate"), metrics, report=report, objective=_objective(plan))
    logger.info("%s: %s", plan["job"], verdict.reason)
    return verdict.told()


def _objective(plan: Mapping[str, Any]) -> str | None:
    tuning = plan.get("tuning") or {}
    objective = tuning.get("HyperParameterTuningJobConfig", {}).get("HyperParameterTuningJobObjective", {})
    name: str | None = objective.get("MetricName")
    return name
