"""On which instances a job may run, and what is said where it may not."""

from dataclasses import replace

import pytest

from tests.functions.training_request.conftest import FOUND, GPU, TOLD, Json, planned, refusals, train, tune

PROCESSING = {"evaluate": {"instance_type": "ml.p2.xlarge"}}
LISTED = replace(TOLD, instance_types=("ml.c5.xlarge", "ml.m5.2xlarge"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ml.m5.xlrge", '"ml.m5.xlrge" is no SageMaker instance type; did you mean ml.m5.xlarge?'),
        ("ml.p3.2xlarge", "ml.p3.2xlarge cannot be had: EC2 offers P3 in no region any more; use ml.g5 or ml.g6"),
        (
            "ml.g4dn.xlarge",
            (
                "ml.g4dn.xlarge has a GPU, and this stage's images are built for CPUs; "
                'use ml.m5.xlarge, or set accelerator = "gpu" in [training] of the profile and deploy'
            ),
        ),
        (
            "ml.trn1.2xlarge",
            "the image makes no use of the neuron chips of ml.trn1.2xlarge; use ml.m5.xlarge or ml.g4dn.xlarge",
        ),
        (
            "ml.m5d.large",
            "SageMaker takes ml.m5d.large for hosting, notebook and studio, not for training jobs; use ml.m5.xlarge",
        ),
    ],
)
def test_a_type_that_cannot_train_here_is_refused(name: str, reason: str) -> None:
    said = refusals(train(instance_type=name))

    assert list(said) == ["train.instance_type"]
    assert said["train.instance_type"].replace("'", '"') == reason.replace("'", '"')


def test_a_type_with_an_arm_processor_is_refused() -> None:
    said = refusals(train() | {"transform": {"data": "s3://datasets/new/", "instance_type": "ml.m6g.large"}})

    assert list(said) == ["transform.instance_type"]


def test_a_type_that_the_stage_does_not_allow_is_refused() -> None:
    said = refusals(train(), told=LISTED)

    assert said == {
        "train.instance_type": (
            "ml.m5.xlarge is none of the types that this stage allows: ml.c5.xlarge and ml.m5.2xlarge"
        )
    }


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("m5", "this stage allows ml.c5.xlarge and ml.m5.2xlarge"),
        ("ml.m5.2xlarg", "did you mean ml.m5.2xlarge?"),
    ],
)
def test_no_type_is_suggested_that_the_stage_does_not_allow(name: str, near: str) -> None:
    said = refusals(train(instance_type=name), told=LISTED)

    assert said == {"train.instance_type": f'"{name}" is no SageMaker instance type; {near}'}


def test_the_first_allowed_type_that_suits_is_taken_by_default() -> None:
    told = replace(GPU, instance_types=("ml.m5.large", "ml.c5.xlarge", "ml.g5.xlarge"))

    plan = planned(train(instance_type=None), told=told)

    assert plan["training"]["ResourceConfig"]["InstanceType"] == "ml.g5.xlarge"
    assert plan["evaluation"]["resources"]["ClusterConfig"]["InstanceType"] == "ml.m5.large"


def test_an_algorithm_for_gpus_alone_is_refused_on_cpus() -> None:
    said = refusals(
        train(
            algorithm="semantic-segmentation",
            data={
                name: f"s3://datasets/{name}/"
                for name in ("train", "validation", "train_annotation", "validation_annotation")
            },
            hyperparameters={"num_classes": 3, "num_training_samples": 60},
        )
    )

    reason = "semantic-segmentation trains on GPUs only, ml.m5.xlarge has none; use ml.g4dn or ml.g5"
    assert said == {"train.instance_type": reason}


def test_an_algorithm_that_trains_alone_is_refused_on_two() -> None:
    said = refusals(
        train(
            algorithm="lda",
            data={"train": "s3://datasets/x/"},
            instances=2,
            hyperparameters={"num_topics": 2, "feature_dim": 9, "mini_batch_size": 9},
        )
    )

    assert said == {"train.instance_type": "lda trains on one instance, not on 2"}


def test_a_cpu_where_the_images_are_for_gpus_is_a_warning() -> None:
    plan = planned(train(), told=GPU)

    assert plan["warnings"] == [
        (
            "train.instance_type: ml.m5.xlarge has no GPU, and this stage's training image is the larger one "
            "that is built for GPUs; it runs all the same"
        )
    ]


@pytest.mark.parametrize(
    "request_", [train(instance_type="ml.g4dn.xlarge", volume_gb=50), tune(instance_type="ml.g5.xlarge", volume_gb=50)]
)
def test_a_type_with_disks_of_its_own_gets_no_other(request_: Json) -> None:
    plan = planned(request_, told=GPU)

    resources = (plan["training"] or plan["tuning"]["TrainingJobDefinition"])["ResourceConfig"]
    assert "VolumeSizeInGB" not in resources
    assert plan["warnings"][0].split(": ", 1)[1].startswith("is not used, for ml.g")


def test_a_disk_has_the_size_that_is_asked_for() -> None:
    assert planned(train(volume_gb=77), FOUND)["training"]["ResourceConfig"]["VolumeSizeInGB"] == 77


def test_a_burstable_type_is_a_warning() -> None:
    plan = planned(train() | {"evaluate": {"instance_type": "ml.t3.large"}})

    assert plan["warnings"] == ["evaluate.instance_type: ml.t3.large is slow once its CPU credits are used up"]


def test_the_evaluation_runs_on_types_that_process() -> None:
    said = refusals(train() | PROCESSING)

    assert list(said) == ["evaluate.instance_type"]


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("image-classification", "ml.g4dn.xlarge"), ("xgboost", "ml.c5.xlarge")]
)
def test_an_algorithm_gets_a_gpu_by_default_where_it_needs_one(algorithm: str, kind: str) -> None:
    told = replace(TOLD, instance_types=("ml.g4dn.xlarge", "ml.c5.xlarge"))
    request = train(
        algorithm=algorithm,
        data={"train": "s3://datasets/a/", "validation": "s3://datasets/b/"},
        hyperparameters={"num_classes": 3, "num_training_samples": 60, "num_round": 9},
        instance_type=None,
    )

    assert planned(request, told=told)["training"]["ResourceConfig"]["InstanceType"] == kind
