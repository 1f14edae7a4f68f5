"""Tuning jobs train several times and know which was the best."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local.desk import ENDED, Desk, Json
from tests.local.patience import eventually

SCORE = {"Name": "validation:score", "Regex": "validation:score=([-0-9.e]+);"}
X = {"Name": "x", "MinValue": "0", "MaxValue": "10"}


def request(
    desk: Desk,
    *,
    jobs: int | None = 3,
    parallel: int = 2,
    definition: Json | None = None,
    **more: Any,  # noqa: ANN401 - a request's fields
) -> Json:
    """A tuning job; what is named in small letters is a static hyperparameter, the rest is its configuration."""
    static = {name: more.pop(name) for name in list(more) if name[0].islower()}
    base = {name: value for name, value in desk.request().items() if name not in {"TrainingJobName", "HyperParameters"}}
    algorithm = {**base["AlgorithmSpecification"], "MetricDefinitions": [SCORE]}
    config = {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:score"},
        "ResourceLimits": {
            "MaxParallelTrainingJobs": parallel,
            **({"MaxNumberOfTrainingJobs": jobs} if jobs else {}),
        },
        "ParameterRanges": {"ContinuousParameterRanges": [X]},
        "RandomSeed": 7,
    }
    return {
        "HyperParameterTuningJobName": f"tuning-{uuid4().hex[:8]}",
        "HyperParameterTuningJobConfig": {**config, **more},
        "TrainingJobDefinition": {
            **base, "AlgorithmSpecification": algorithm, "StaticHyperParameters": static, **(definition or {}),
        },
    }  # fmt: skip


def ended(desk: Desk, asked: Json) -> Json:
    desk.sagemaker.create_hyper_parameter_tuning_job(**asked)
    return reached(desk, asked["HyperParameterTuningJobName"])


def reached(desk: Desk, name: str) -> Json:
    """A tuning job as it ended."""

    def look() -> Json | None:
        said: Json = desk.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return said if said["HyperParameterTuningJobStatus"] in ENDED else None

    return eventually(look, within_s=30) or {}


def trials(desk: Desk, job: Json, **more: str) -> list[Json]:
    found: list[Json] = desk.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=job["HyperParameterTuningJobName"], **more
    )["TrainingJobSummaries"]
    return found


def test_a_tuning_job_finds_the_best_of_its_training_jobs(desk: Desk) -> None:
    job = ended(desk, request(desk))

    found = trials(desk, job, SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    best = desk.training(job["BestTrainingJob"]["TrainingJobName"], "Completed")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] == job["ObjectiveStatusCounters"]["Succeeded"] == 3
    assert [one["TrainingJobName"][:-9] for one in trials(desk, job)] == [
        f"{job['HyperParameterTuningJobName']}-{number}" for number in ("001", "002", "003")
    ]
    assert found[0] == {**job["BestTrainingJob"], "TuningJobName": job["HyperParameterTuningJobName"]}
    scores = [one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for one in found]
    assert scores == sorted(scores, reverse=True)
    assert best["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    assert best["HyperParameters"]["_tuning_objective_metric"] == "validation:score"
    assert best["HyperParameters"]["x"] == found[0]["TunedHyperParameters"]["x"]


def test_a_grid_is_gone_through_whole(desk: Desk) -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "x", "Values": ["1", "3"]}, {"Name": "y", "Values": ["a", "b"]}]}

    job = ended(desk, request(desk, jobs=None, parallel=4, Strategy="Grid", ParameterRanges=ranges))

    tried = {tuple(sorted(one["TunedHyperParameters"].items())) for one in trials(desk, job)}
    assert tried == {(("x", x), ("y", y)) for x in ("1", "3") for y in ("a", "b")}
    assert job["BestTrainingJob"]["TunedHyperParameters"]["x"] == "3"


def test_less_can_be_better(desk: Desk) -> None:
    objective = {"Type": "Minimize", "MetricName": "validation:score"}
    ranges = {"CategoricalParameterRanges": [{"Name": "x", "Values": ["3", "9"]}]}

    job = ended(
        desk,
        request(desk, jobs=2, Strategy="Grid", ParameterRanges=ranges, HyperParameterTuningJobObjective=objective),
    )

    best = job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]
    assert best == {"Type": "Minimize", "MetricName": "validation:score", "Value": -36.0}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"fail": "bad luck"}, "No training job succeeded after 3 attempts. Please take a look at the training job"),
        ({"x_is": "elsewhere"}, "No objective metrics found after running 3 training jobs. Please ensure that the"),
    ],
)
def test_a_tuning_job_without_a_good_one_fails(desk: Desk, more: Json, reason: str) -> None:
    asked = request(desk, **more)
    if "fail" not in more:
        silent = {"Name": "validation:score", "Regex": "never=([0-9]+)"}
        asked["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"] = [silent]

    job = ended(desk, asked)

    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(reason)
    assert "BestTrainingJob" not in job


def test_a_tuning_job_gives_up_after_five_failures(desk: Desk) -> None:
    job = ended(desk, request(desk, jobs=20, parallel=1, fail="bad luck"))

    assert job["FailureReason"].startswith("No training job succeeded after 5 attempts.")
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 5


def test_a_stopped_tuning_job_stops_its_training_jobs(desk: Desk) -> None:
    asked = request(desk, sleep="60")
    name = {"HyperParameterTuningJobName": asked["HyperParameterTuningJobName"]}
    desk.sagemaker.create_hyper_parameter_tuning_job(**asked)
    eventually(lambda: len(trials(desk, name)) == 2)

    desk.sagemaker.stop_hyper_parameter_tuning_job(**name)
    job = reached(desk, name["HyperParameterTuningJobName"])

    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 2
    assert [one["TrainingJobStatus"] for one in trials(desk, job)] == ["Stopped", "Stopped"]
    with pytest.raises(ClientError, match="rejected because the hyperparameter tuning job is in status Stopped"):
        desk.sagemaker.stop_hyper_parameter_tuning_job(**name)


def test_a_good_enough_objective_ends_the_search(desk: Desk) -> None:
    criteria = {"TargetObjectiveMetricValue": -100.0}

    job = ended(desk, request(desk, jobs=50, parallel=1, TuningJobCompletionCriteria=criteria))

    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] == 1


def test_a_poor_training_job_is_stopped_early(desk: Desk) -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "x", "Values": ["3", "4", "2", "9"]}]}
    asked = request(
        desk, jobs=4, parallel=1, linger="0.8", Strategy="Grid", ParameterRanges=ranges,
        TrainingJobEarlyStoppingType="Auto",
    )  # fmt: skip

    job = ended(desk, asked)

    assert [one["TrainingJobStatus"] for one in trials(desk, job)] == ["Completed"] * 3 + ["Stopped"]
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 4, "Pending": 0, "Failed": 0}
    assert job["BestTrainingJob"]["TunedHyperParameters"] == {"x": "3"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"jobs": None}, "MaxNumberOfTrainingJobs is needed"),
        ({"jobs": 1}, "MaxParallelTrainingJobs must not be larger"),
        ({"x": "1"}, "The hyperparameter x has a range and a static value"),
        ({"Strategy": "Grid"}, "Grid search takes categorical parameters only"),
        ({"Strategy": "Grid", "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "x", "Values": ["1"]}]}},
         "must be the number of combinations, 1"),
        ({"ParameterRanges": {}}, "At least one hyperparameter range"),
        ({"ParameterRanges": {"IntegerParameterRanges": [{**X, "MinValue": "0.5"}]}}, "0.5 is no integer value for x"),
        ({"ParameterRanges": {"ContinuousParameterRanges": [{**X, "MaxValue": "nan"}]}}, "nan is no finite value"),
        ({"ParameterRanges": {"ContinuousParameterRanges": [{**X, "MaxValue": "0"}]}}, "must be smaller than its Max"),
        ({"ParameterRanges": {"ContinuousParameterRanges": [X, X]}}, "can have one range alone"),
        ({"ParameterRanges": {"ContinuousParameterRanges": [{**X, "ScalingType": "Logarithmic"}]}}, "values above 0"),
        ({"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "other"}}, "other is not among the"),
        ({"definition": {"RoleArn": "arn:aws:iam::123456789012:role/nobody"}}, "Could not assume role"),
    ],
)  # fmt: skip
def test_what_cannot_be_tuned_is_refused(desk: Desk, more: Json, reason: str) -> None:
    with pytest.raises(ClientError) as caught:
        desk.sagemaker.create_hyper_parameter_tuning_job(**request(desk, **more))

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert reason in caught.value.response["Error"]["Message"]


def test_an_unknown_tuning_job_is_not_found_and_a_known_name_is_taken(desk: Desk) -> None:
    asked = request(desk, jobs=1, parallel=1)
    ended(desk, asked)

    with pytest.raises(ClientError, match=r"\(ResourceInUse\).*already exists\. Choose a different name"):
        desk.sagemaker.create_hyper_parameter_tuning_job(**asked)
    with pytest.raises(ClientError, match=r"\(ResourceNotFound\).*can't find a tuning job called nobody"):
        desk.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="nobody")


def test_tuning_jobs_are_listed(desk: Desk) -> None:
    job = ended(desk, request(desk, jobs=1, parallel=1))

    listed = desk.sagemaker.list_hyper_parameter_tuning_jobs(NameContains=job["HyperParameterTuningJobName"])

    [one] = listed["HyperParameterTuningJobSummaries"]
    assert (one["HyperParameterTuningJobStatus"], one["Strategy"]) == ("Completed", "Random")
    assert one["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 1
