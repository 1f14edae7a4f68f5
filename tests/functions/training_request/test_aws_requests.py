"""Everything that a plan holds is what SageMaker's own model takes: for every kind of job, and many of each."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functions.training_request.aws_shape import faults
from tests.functions.training_request.conftest import (
    ALGORITHMS,
    GPU,
    TOLD,
    VERSION,
    Json,
    planned,
    refusals,
    train,
    tune,
    version,
)
from training_request.built_in import BUILT_IN
from training_request.hyperparameters import KNOWN, Choice, Whole
from training_request.neo import TARGETS

ROLE = TOLD.job_role_arn


def requests(plan: Json) -> dict[str, Json]:
    """The requests that the state machine makes of a plan, by their operations."""
    job, tags = plan["job"], plan["tags"]
    made: dict[str, Json] = {}
    if plan["training"]:
        made["CreateTrainingJob"] = {"TrainingJobName": job, "RoleArn": ROLE, **plan["training"]}
    if plan["tuning"]:
        made["CreateHyperParameterTuningJob"] = {"HyperParameterTuningJobName": job, **plan["tuning"]}
    if judged := plan["evaluation"]:
        made["CreateProcessingJob"] = {
            "ProcessingJobName": job,
            "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": judged["image"]},
            "ProcessingResources": judged["resources"],
            "StoppingCondition": {"MaxRuntimeInSeconds": judged["max_run_seconds"]},
            "Environment": judged["environment"],
            "ProcessingInputs": [
                {
                    "InputName": "test",
                    "S3Input": {"S3Uri": judged["data"], "S3DataType": "S3Prefix", "LocalPath": "/opt/ml/processing"},
                }
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "evaluation",
                        "S3Output": {"S3Uri": judged["output"], "LocalPath": "/o", "S3UploadMode": "EndOfJob"},
                    }
                ]
            },
            "Tags": tags,
        }
    serving = plan["serving"]
    made["CreateModel"] = {
        "ModelName": job,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": serving["image"], "Environment": serving["environment"]},
        "Tags": tags,
    }
    if plan["register"]:
        made["CreateModelPackage"] = {
            "ModelPackageGroupName": plan["group"],
            "ModelApprovalStatus": plan["approval"],
            "CustomerMetadataProperties": plan["metadata"],
            "InferenceSpecification": {
                "Containers": [{"Image": serving["image"], "Environment": serving["environment"]}],
                "SupportedContentTypes": serving["content_types"],
                "SupportedResponseMIMETypes": serving["response_types"],
                "SupportedRealtimeInferenceInstanceTypes": serving["realtime_types"],
                "SupportedTransformInstanceTypes": serving["transform_types"],
            },
        }
    if compiled := plan["compilation"]:
        made["CreateCompilationJob"] = {
            "CompilationJobName": job,
            "RoleArn": ROLE,
            "InputConfig": {"S3Uri": "s3://models/model.tar.gz", **compiled["input"]},
            "OutputConfig": compiled["output_config"],
            "StoppingCondition": {"MaxRuntimeInSeconds": compiled["max_run_seconds"]},
            "Tags": tags,
        }
    if applied := plan["transform"]:
        parts = {name: part for name, part in applied.items() if name != "max_run_seconds"}
        made["CreateTransformJob"] = {"TransformJobName": job, "ModelName": job, "Tags": tags, **parts}
    if deployed := plan["deploy"]:
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": job,
            "ServerlessConfig": {
                "MemorySizeInMB": deployed["memory_mb"],
                "MaxConcurrency": deployed["max_concurrency"],
            },
        }
        name = f"{deployed['endpoint']}-{job[-8:]}"
        made["CreateEndpointConfig"] = {"EndpointConfigName": name, "ProductionVariants": [variant], "Tags": tags}
        made["CreateEndpoint"] = {"EndpointName": deployed["endpoint"], "EndpointConfigName": name, "Tags": tags}
    return made


def all_faults(plan: Json) -> list[str]:
    json.loads(json.dumps(plan, allow_nan=False))
    return [fault for operation, request in requests(plan).items() for fault in faults(operation, request)]


def whole(request: Json, **more: object) -> Json:
    return {
        **request,
        "gate": {"metric": "accuracy", "at_least": 0.8},
        "compile": {"target": "ml_c5"},
        "approval": "automatic",
        "deploy": {"endpoint": "waste", "memory_mb": 6144, "max_concurrency": 200},
        "transform": {"data": "s3://datasets/new/"},
        **more,
    }


def test_a_request_for_everything_makes_nine_requests_that_sagemaker_takes() -> None:
    plan = planned(whole(train()))

    assert all_faults(plan) == []
    assert sorted(requests(plan)) == [
        "CreateCompilationJob",
        "CreateEndpoint",
        "CreateEndpointConfig",
        "CreateModel",
        "CreateModelPackage",
        "CreateProcessingJob",
        "CreateTrainingJob",
        "CreateTransformJob",
    ]


@pytest.mark.parametrize("strategy", ["Bayesian", "Random", "Hyperband"])
def test_a_tuning_is_what_sagemaker_takes(strategy: str) -> None:
    plan = planned(whole(tune(strategy=strategy, hyperparameters={"epochs": 4})))

    assert all_faults(plan) == []


def test_a_grid_is_what_sagemaker_takes() -> None:
    ranges = {"model": {"kind": "categorical", "values": ["tiny-resnet", "tiny-vit"]}}

    plan = planned(tune(strategy="Grid", ranges=ranges))

    assert all_faults(plan) == []


@pytest.mark.parametrize(
    "target", [name for name, one in TARGETS.items() if not one.refused and "ONNX" in one.frameworks]
)
def test_every_target_that_is_not_refused_is_one_of_sagemakers(target: str) -> None:
    plan = planned(train() | {"compile": {"target": target}})

    assert all_faults(plan) == []


def built_in(algorithm: str) -> Json:
    """A training of a built-in algorithm with all that it needs."""
    known = BUILT_IN[algorithm]
    return train(
        algorithm=algorithm,
        data={name: f"s3://datasets/{name}/" for name in (*known.channels, *known.optional)},
        hyperparameters=dict.fromkeys([*known.needs, *known.needs_with], "1"),
        instance_type="ml.g4dn.xlarge" if algorithm in GPU_ONLY else "ml.m5.xlarge",
        max_run_minutes=30,
    )


GPU_ONLY = ("image-classification", "object-detection", "semantic-segmentation", "seq2seq")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_built_in_algorithm_is_what_sagemaker_takes(algorithm: str) -> None:
    plan = planned(built_in(algorithm) | {"transform": {"data": "s3://datasets/new/"}})

    assert all_faults(plan) == []
    assert "MetricDefinitions" not in plan["training"]["AlgorithmSpecification"]


@pytest.mark.parametrize("wanted", ["compile", "deploy", "transform"])
def test_a_registered_version_is_what_sagemaker_takes(wanted: str) -> None:
    parts = {
        "compile": {"target": "rasp4b"},
        "deploy": {"endpoint": "waste"},
        "transform": {"data": "s3://datasets/new/"},
    }

    plan = planned(version(**{wanted: parts[wanted]}), VERSION)

    assert all_faults(plan) == []
    assert plan["register"] is False
    assert plan["serving"]["artifacts"].endswith("model.tar.gz")


WHOLES = {name: one for name, one in KNOWN.items() if isinstance(one, Whole)}
CHOICES = {name: one for name, one in KNOWN.items() if isinstance(one, Choice) and name != "model"}
HYPERPARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.integers(one.least, one.most) for name, one in WHOLES.items() if name != "image_size"},
        **{name: st.sampled_from(one.words) for name, one in CHOICES.items()},
        "image_size": st.integers(16, 1024),
        "learning_rate": st.floats(1e-7, 1),
    },
)
MACHINES = {
    "instance_type": st.sampled_from(
        ["ml.m5.xlarge", "ml.c5.xlarge", "ml.g4dn.xlarge", "ml.g5.2xlarge", "ml.c5.2xlarge"]
    ),
    "instances": st.integers(1, 4),
    "max_run_minutes": st.integers(1, 240),
}
DATA = {"train": "s3://datasets/a/", "test": "s3://datasets/b/", "validation": "s3://datasets/c"}
TRAINING = st.fixed_dictionaries(
    {"data": st.just(DATA)},
    optional={
        **MACHINES,
        "hyperparameters": HYPERPARAMETERS,
        "spot": st.booleans(),
        "volume_gb": st.integers(1, 16384),
    },
)
MORE = st.fixed_dictionaries(
    {"model": st.sampled_from(TOLD.models)},
    optional={
        "evaluate": st.one_of(st.just(value=False), st.fixed_dictionaries({"max_run_minutes": st.integers(1, 240)})),
        "compile": st.sampled_from(
            [
                {"target": "jetson_nano"},
                {"target": "ml_c5", "options": {"mcpu": "skylake-avx512"}},
                {"platform": {"os": "LINUX", "arch": "ARM64"}, "max_run_minutes": 3},
                {
                    "platform": {"os": "LINUX", "arch": "X86_64", "accelerator": "NVIDIA"},
                    "options": {"gpu-code": "sm_72", "trt-ver": "6.0.1", "cuda-ver": "10.1"},
                },
            ]
        ),
        "transform": st.fixed_dictionaries({"data": st.sampled_from(["s3://models/x", "s3://datasets/y/z/"])}),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(training=TRAINING, more=MORE, execution=st.text(min_size=1, max_size=80))
def test_whatever_is_planned_is_what_sagemaker_takes(training: Json, more: Json, execution: str) -> None:
    plan = planned({**more, "train": training}, told=GPU, execution=execution)

    assert all_faults(plan) == []


RANGE = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("continuous"), "min": st.just(0.001), "max": st.floats(0.01, 1)},
        optional={"scaling": st.sampled_from(["Auto", "Linear", "Logarithmic"])},
    ),
    st.fixed_dictionaries(
        {"kind": st.just("categorical"), "values": st.lists(st.floats(0.1, 1), min_size=1, unique=True)}
    ),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    ranges=st.dictionaries(st.sampled_from(["learning_rate", "weight_decay"]), RANGE, min_size=1),
    jobs=st.integers(5, 50),
    parallel=st.integers(1, 5),
    strategy=st.sampled_from(["Bayesian", "Random", "Hyperband"]),
)
def test_whatever_tuning_is_planned_is_what_sagemaker_takes(
    ranges: Json, jobs: int, parallel: int, strategy: str
) -> None:
    request = tune(
        ranges=ranges, max_jobs=jobs, parallel_jobs=parallel, strategy=strategy, hyperparameters={"epochs": 3}
    )
    if any(len(one.get("values", ())) > 30 for one in ranges.values()):
        assert refusals(request)
        return

    assert all_faults(planned(request)) == []


NAMES = st.text(min_size=1, max_size=300)
VALUES = st.one_of(st.text(max_size=60), st.integers(), st.booleans(), st.floats())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    hyperparameters=st.dictionaries(NAMES, VALUES, max_size=5),
    content_type=st.text(max_size=300),
    key=st.text(max_size=40),
    execution=st.text(min_size=1, max_size=80),
)
def test_whatever_text_is_planned_is_what_sagemaker_takes(
    hyperparameters: Json, content_type: str, key: str, execution: str
) -> None:
    request = train(
        algorithm="xgboost",
        data={"train": f"s3://datasets/{key}"},
        hyperparameters={**hyperparameters, "num_round": 9},
        content_type=content_type,
        max_run_minutes=30,
    )
    if refusals(request):
        return

    assert all_faults(planned(request, execution=execution)) == []


def test_a_plan_that_the_state_machine_cannot_carry_is_refused() -> None:
    many = {f"h{number}": "x" * 2500 for number in range(90)}
    request = built_in("xgboost")
    request["train"]["hyperparameters"] |= many

    assert refusals(request)["request"].endswith("and 200,000 are possible; shorten hyperparameters or ranges")
