"""What a model must reach before it is registered."""

from training_request import hyperparameters
from training_request.built_in import BUILT_IN
from training_request.problems import Problems, listed
from training_request.request import Gate, Request
from training_request.settings import OWN

PARTS = frozenset({"accuracy", "macro_f1", "validation:accuracy"})
"""Metrics of the project's image that are never above 1."""


def check(request: Request, problems: Problems) -> None:
    """Note a metric that nobody would tell."""
    gate, training = request.gate, request.training
    if gate is None:
        return
    if training is None:
        problems.add("gate", "needs train or tune: a registered version has passed its gate, or had none")
        return
    known = metrics(request)
    if gate.metric not in known and not problems.at("gate.metric"):
        log = "the training image's log" if training.algorithm == OWN else f"the log of {training.algorithm}"
        source = "the evaluation's report" if request.evaluation else log
        evaluated = (
            training.algorithm == OWN and not request.evaluation and gate.metric in hyperparameters.REPORT_METRICS
        )
        other = f"validation:{gate.metric}"
        instead = f", or judge by {other}" if other in hyperparameters.METRICS else ""
        needs = f"; it is of the evaluation, which needs test data: give data.test (a folder test/){instead}"
        hint = needs if evaluated else ""
        problems.add("gate.metric", f"{gate.metric[:60]} is not in {source}, which has {listed(known, 30)}{hint}")
    for key, bound in (("at_least", gate.at_least), ("at_most", gate.at_most)):
        if gate.metric in PARTS and bound is not None and not 0 <= bound <= 1:
            problems.add(f"gate.{key}", f"must be from 0 to 1: {gate.metric} is a part of all, not a percentage")


def metrics(request: Request) -> tuple[str, ...]:
    """What can be judged: the report's metrics where the model is evaluated, else what the training tells."""
    if request.evaluation:
        return hyperparameters.REPORT_METRICS
    algorithm = request.training.algorithm if request.training else OWN
    if algorithm == OWN:
        return hyperparameters.METRICS
    return BUILT_IN[algorithm].metrics


def planned(gate: Gate) -> dict[str, str | float | None]:
    """The gate as the verdict reads it."""
    return {"metric": gate.metric, "at_least": gate.at_least, "at_most": gate.at_most}
