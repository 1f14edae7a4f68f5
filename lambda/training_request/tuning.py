"""The tuning job of a request, as SageMaker's CreateHyperParameterTuningJob takes it.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html and
automatic-model-tuning-how-it-works.html say what holds for ranges, scales and strategies.

All trials have one checkpoint prefix, and SageMaker restores what is under it to each job that begins, as
https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html says (no page says that tuning adds the job's
name). The project's image therefore writes into, and reads from, a folder of the training job's name alone.
"""

import math
from typing import Any

from training_request import hyperparameters, training
from training_request.built_in import BUILT_IN, MINIMISED
from training_request.facts import Facts
from training_request.hyperparameters import numeric
from training_request.problems import Problems, listed
from training_request.request import Range, Request, Training, Tuning
from training_request.run import Run
from training_request.settings import OWN, Settings
from training_request.tagging import tags
from training_request.tuning_reading import GRID, HYPERBAND, MOST_JOBS

Document = dict[str, Any]  # as in training.py
_MOST_HYPERPARAMETERS = 99
"""SageMaker takes 100, and adds one of its own."""
_EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")
"""Where SageMaker itself looks for Hyperband's MaxResource."""
_KEYS = {"integer": "IntegerParameterRanges", "continuous": "ContinuousParameterRanges"}


def trials(tuning: Tuning) -> int:
    """How many training jobs there are at most."""
    return math.prod(len(one.values) for one in tuning.ranges) if tuning.strategy == GRID else tuning.max_jobs


def check(request: Request, told: Settings, problems: Problems) -> None:
    """Note ranges, an objective and numbers that SageMaker or the algorithm would refuse."""
    tuning, trained = request.tuning, request.training
    if tuning is None or trained is None:
        return
    for one in tuning.ranges:
        _check_range(one, trained, tuning.strategy, problems)
    _check_objective(tuning, trained, problems)
    if tuning.strategy == HYPERBAND:
        _check_hyperband(tuning, trained, problems)
    together = len(tuning.ranges) + len(trained.hyperparameters)
    if together > _MOST_HYPERPARAMETERS:
        problems.add(
            "tune.hyperparameters", f"and ranges are {together}, and SageMaker takes {_MOST_HYPERPARAMETERS} together"
        )
    count, most = trials(tuning), min(told.max_tuning_jobs, MOST_JOBS)
    if tuning.strategy == GRID and count > most and not problems.at("tune.ranges"):
        problems.add("tune.ranges", f"make a grid of {count} jobs, and this stage allows {most}")
    if tuning.parallel_jobs > max(count, 1):
        problems.add("tune.parallel_jobs", f"must be {count} at most: there are no more jobs")


def planned(request: Request, trained: Training, tuning: Tuning, facts: Facts, told: Settings, run: Run) -> Document:  # noqa: PLR0913, PLR0917 (all that a plan follows from)
    """CreateHyperParameterTuningJob without the job's name."""
    # A grid's number of jobs follows from its values.
    most = {} if tuning.strategy == GRID else {"MaxNumberOfTrainingJobs": tuning.max_jobs}
    config: Document = {
        "Strategy": tuning.strategy,
        "HyperParameterTuningJobObjective": {"Type": tuning.goal, "MetricName": tuning.objective},
        "ResourceLimits": {**most, "MaxParallelTrainingJobs": tuning.parallel_jobs},
        "ParameterRanges": ranges(tuning.ranges),
        # Hyperband stops what does not get better by itself, and takes no other rule beside its own.
        "TrainingJobEarlyStoppingType": "Off",
    }
    if tuning.strategy == HYPERBAND and tuning.max_epochs:
        config["StrategyConfig"] = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": tuning.max_epochs}}
    single = training.planned(request, trained, facts, told, run)
    definition = {name: part for name, part in single.items() if name not in {"HyperParameters", "Tags"}}
    return {
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": {
            **definition,
            "StaticHyperParameters": single["HyperParameters"],
            "RoleArn": told.job_role_arn,
        },
        "Tags": tags(request, told),
    }


def ranges(found: tuple[Range, ...]) -> Document:
    """The ranges by their kinds."""
    made: Document = {"CategoricalParameterRanges": [], **{key: [] for key in _KEYS.values()}}
    for one in found:
        if one.kind == "categorical":
            made["CategoricalParameterRanges"].append({"Name": one.name, "Values": list(one.values)})
        else:
            ends = {"Name": one.name, "MinValue": one.least, "MaxValue": one.most, "ScalingType": one.scaling}
            made[_KEYS[one.kind]].append(ends)
    return made


def _check_range(one: Range, trained: Training, strategy: str, problems: Problems) -> None:
    place = f"tune.ranges.{one.name}"
    if problems.at(place):
        return
    reason = (
        f"stands in hyperparameters too, with the value {trained.hyperparameters[one.name]}; leave it out of one"
        if one.name in trained.hyperparameters
        else None
    )
    if reason is None and strategy == GRID and one.kind != "categorical":
        reason = 'must be of kind "categorical": a grid takes no other'
    if reason is None and trained.algorithm == OWN:
        reason = hyperparameters.range_fault(one, trained.data)
    if reason is None and one.kind != "categorical":
        reason = _ends_fault(one)
    if reason:
        problems.add(place, reason)


def _ends_fault(one: Range) -> str | None:
    least, most = numeric(one.least), numeric(one.most)
    if least is None or most is None:
        return f"min and max must be numbers, not {one.least[:20]} and {one.most[:20]}"
    if one.kind == "integer" and not (least.is_integer() and most.is_integer()):
        return f"min and max must be whole numbers, not {least:g} and {most:g}"
    if least >= most:
        return f"min must be less than max, and they are {least:g} and {most:g}"
    if one.scaling == "Logarithmic" and least <= 0:
        return f"Logarithmic takes numbers above 0 alone, and min is {least:g}"
    if one.scaling == "ReverseLogarithmic" and (one.kind == "integer" or not 0 <= least < most < 1):
        return "ReverseLogarithmic takes continuous ranges within 0 <= x < 1 alone"
    return None


def _check_objective(tuning: Tuning, trained: Training, problems: Problems) -> None:
    known = hyperparameters.METRICS if trained.algorithm == OWN else BUILT_IN[trained.algorithm].metrics
    if not known:
        problems.add("tune", f"{trained.algorithm} tells no metric that could be made better; use train")
    elif tuning.objective not in known:
        problems.add(
            "tune.objective", f"{tuning.objective[:60]} is no metric of this algorithm; it has {listed(known, 30)}"
        )
    elif tuning.goal != (wanted := "Minimize" if tuning.objective in MINIMISED else "Maximize"):
        problems.add("tune.goal", f'must be "{wanted}" for {tuning.objective}')


def _check_hyperband(tuning: Tuning, trained: Training, problems: Problems) -> None:
    told = [name for name in _EPOCHS if name in trained.hyperparameters]
    if tuning.max_epochs is None and not told:
        problems.add(
            "tune.max_epochs", 'is missing: Hyperband must know the most epochs; or set the hyperparameter "epochs"'
        )
