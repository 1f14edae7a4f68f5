"""Built-in algorithms: what AWS would refuse, or bill without use, is said before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.algorithms import ALGORITHMS, inference_fault, training_fault
from catalogue.images import image
from catalogue.instance_types import instance_type, instance_types

algorithms = st.sampled_from(sorted(ALGORITHMS))
machines = st.sampled_from(sorted(instance_types()))
GPU_ONLY = ("image-classification", "object-detection", "semantic-segmentation", "seq2seq")


@pytest.mark.parametrize("algorithm", GPU_ONLY)
def test_what_trains_on_gpus_only_refuses_a_cpu_and_names_families(algorithm: str) -> None:
    reason = training_fault(algorithm, "ml.m5.large")

    assert reason == f"{algorithm} trains on GPUs only, ml.m5.large has none; use ml.g4dn or ml.g5"
    assert training_fault(algorithm, "ml.g4dn.xlarge") is None


@given(algorithms, st.sampled_from(["ml.m5.xlarge", "ml.c5.2xlarge"]))
def test_every_other_algorithm_trains_on_a_cpu(algorithm: str, machine: str) -> None:
    assert (training_fault(algorithm, machine) is None) == (algorithm not in GPU_ONLY)


@given(algorithms)
def test_every_model_can_be_served_on_a_cpu(algorithm: str) -> None:
    assert inference_fault(algorithm, "ml.m5.large") is None


@pytest.mark.parametrize(
    ("algorithm", "machine", "instances", "said"),
    [
        ("semantic-segmentation", "ml.g5.xlarge", 2, "semantic-segmentation trains on one instance, not on 2"),
        ("seq2seq", "ml.g5.xlarge", 3, "trains on one instance, not on 3"),
        ("object2vec", "ml.m5.xlarge", 2, "trains on one instance, not on 2"),
        ("lda", "ml.c5.xlarge", 2, "trains on one instance, not on 2"),
        ("blazingtext", "ml.g5.xlarge", 2, "blazingtext trains on one instance with a GPU, not on 2"),
        ("xgboost", "ml.m5.xlarge", 0, "xgboost needs at least one instance, not 0"),
        ("lda", "ml.g5.xlarge", 1, "lda trains on CPUs and makes no use of the GPU of ml.g5.xlarge"),
        ("randomcutforest", "ml.g4dn.xlarge", 1, "makes no use of the GPU of ml.g4dn.xlarge"),
        ("image-classification", "ml.g6.xlarge", 1, "does not know the GPU of ml.g6.xlarge; use ml.g4dn or ml.g5"),
        ("xgboost", "ml.p3dn.24xlarge", 1, "does not know the GPU of ml.p3dn.24xlarge; use ml.g4dn or ml.g5"),
        ("kmeans", "ml.c7g.xlarge", 1, "SageMaker takes ml.c7g.xlarge for cluster and hosting, not for training"),
        ("kmeans", "ml.trn1.2xlarge", 1, "kmeans makes no use of ml.trn1.2xlarge; use CPUs alone, or a GPU"),
        ("kmeans", "ml.p3.2xlarge", 1, "ml.p3.2xlarge cannot be had: EC2 offers P3 in no region any more; use ml.g5"),
        ("xgboots", "ml.m5.large", 1, "'xgboots' is no built-in algorithm; did you mean xgboost?"),
        ("xgboost", "ml.m5.largo", 1, "did you mean ml.m5.large?"),
        ("", "", 1, "'' is no built-in algorithm; name one such as xgboost"),
    ],
)
def test_a_training_that_makes_no_sense_has_a_reason(algorithm: str, machine: str, instances: int, said: str) -> None:
    reason = training_fault(algorithm, machine, instances)

    assert reason
    assert said in reason


@pytest.mark.parametrize(
    ("algorithm", "machine", "instances"),
    [
        ("image-classification", "ml.g5.12xlarge", 4),
        ("object-detection", "ml.g4dn.xlarge", 2),
        ("blazingtext", "ml.c5.4xlarge", 3),
        ("xgboost", "ml.m5.xlarge", 5),
        ("xgboost", "ml.g5.xlarge", 2),
        ("forecasting-deepar", "ml.g6.xlarge", 2),
        ("linear-learner", "ml.p3dn.24xlarge", 1),
    ],
)
def test_a_training_that_aws_describes_has_no_fault(algorithm: str, machine: str, instances: int) -> None:
    assert training_fault(algorithm, machine, instances) is None


@pytest.mark.parametrize(
    ("algorithm", "machine", "said"),
    [
        ("forecasting-deepar", "ml.g5.xlarge", "is served on CPUs and makes no use of the GPU of ml.g5.xlarge"),
        ("image-classification", "ml.m6g.large", "is served on x86 processors, and ml.m6g.large has an Arm one"),
        ("image-classification", "ml.inf2.xlarge", "makes no use of ml.inf2.xlarge"),
        (
            "kmeans",
            "ml.t3.medium",
            "SageMaker takes ml.t3.medium for cluster, notebook, processing, studio and training",
        ),
        ("kmeans", "ml.p2.xlarge", "ml.p2.xlarge cannot be had"),
        ("nope", "ml.m5.large", "'nope' is no built-in algorithm"),
        ("kmeans", "nope", "'nope' is no SageMaker instance type"),
    ],
)
def test_an_endpoint_that_makes_no_sense_has_a_reason(algorithm: str, machine: str, said: str) -> None:
    reason = inference_fault(algorithm, machine)

    assert reason
    assert said in reason


@given(algorithms, machines, st.integers(min_value=-1, max_value=5))
def test_a_fault_is_one_line_and_never_found_where_all_is_as_aws_describes(
    algorithm: str, machine: str, instances: int
) -> None:
    reason = training_fault(algorithm, machine, instances)

    if reason is not None:
        assert reason.isprintable()
        return
    found = instance_type(machine)
    assert instances >= 1
    assert "training" in found.uses
    assert (found.retired, found.processor) == (None, "x86_64")
    assert found.accelerator in {"none", "gpu"}


@given(algorithms, machines)
def test_more_instances_never_mend_a_fault(algorithm: str, machine: str) -> None:
    one, several = training_fault(algorithm, machine, 1), training_fault(algorithm, machine, 2)

    assert one is None or several is not None


@given(st.text(), st.text(), st.integers())
def test_whatever_is_asked_is_a_reason(algorithm: str, machine: str, instances: int) -> None:
    assert training_fault(algorithm, machine, instances)
    assert inference_fault(algorithm, machine)


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_the_image_says_the_same_of_its_hardware(name: str) -> None:
    needs = ALGORITHMS[name]

    assert (image(name).hardware == "cpu") == (needs.training == needs.inference == "cpu")
