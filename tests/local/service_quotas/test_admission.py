"""A job that a quota has no room for is refused in AWS's words, and let in when there is room again."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.desk import Desk

ON_DEMAND = "ml.m5.large for training job usage"
SPOT = "ml.m5.large for spot training job usage"
MANAGED_SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
}


@pytest.fixture(autouse=True)
def quotas(local_aws: LocalAws) -> Iterator[None]:
    """What a test sets is the default again when it ends."""
    yield
    local_aws.service_quotas(dict.fromkeys(local_aws.service_quotas()))


def test_a_second_job_waits_for_the_room_of_the_first(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.service_quotas({ON_DEMAND: 1})
    first = desk.train(sleep="60")

    with pytest.raises(ClientError) as refused:
        desk.train()
    desk.sagemaker.stop_training_job(TrainingJobName=first)
    desk.training(first, "Stopped")
    after = desk.trained()

    said = refused.value.response["Error"]
    assert said["Code"] == "ResourceLimitExceeded"
    assert said["Message"].startswith(
        f"The account-level service limit '{ON_DEMAND}' is 1 Instances, with current utilization of 1 Instances "
        "and a request delta of 1 Instances."
    )
    assert after["TrainingJobStatus"] == "Completed"


def test_spot_and_on_demand_have_quotas_of_their_own(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.service_quotas({SPOT: 0})

    with pytest.raises(ClientError, match=f"ResourceLimitExceeded.*'{SPOT}' is 0 Instances"):
        desk.train(**MANAGED_SPOT)

    assert desk.trained()["TrainingJobStatus"] == "Completed"


def test_the_instances_of_a_request_are_counted(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.service_quotas({ON_DEMAND: 1})
    two = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}

    with pytest.raises(ClientError, match="a request delta of 2 Instances"):
        desk.train(ResourceConfig=two)


def test_a_tuning_job_takes_what_its_jobs_take_at_a_time(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.service_quotas({ON_DEMAND: 1})
    definition = {name: value for name, value in desk.request().items() if name != "TrainingJobName"}
    definition["StaticHyperParameters"] = definition.pop("HyperParameters")

    with pytest.raises(ClientError, match=r"ResourceLimitExceeded.*a request delta of 2 Instances"):
        desk.sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="refused",
            HyperParameterTuningJobConfig={
                "Strategy": "Random",
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
            },
            TrainingJobDefinition=definition,
        )


@pytest.mark.parametrize("kind", ["processing", "transform"])
def test_other_jobs_have_quotas_of_their_own(kind: str, desk: Desk, local_aws: LocalAws) -> None:
    local_aws.service_quotas({f"ml.m5.large for {kind} job usage": 0})
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    processing = {
        "ProcessingJobName": "refused",
        "RoleArn": desk.role,
        "AppSpecification": {"ImageUri": desk.image},
        "ProcessingResources": {"ClusterConfig": {**cluster, "VolumeSizeInGB": 1}},
    }
    transform = {
        "TransformJobName": "refused",
        "ModelName": "any",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": desk.uri("in/")}}},
        "TransformOutput": {"S3OutputPath": desk.uri("out/")},
        "TransformResources": cluster,
    }
    asked = {"processing": processing, "transform": transform}[kind]

    with pytest.raises(ClientError, match=f"ResourceLimitExceeded.*'ml.m5.large for {kind} job usage' is 0 Instances"):
        getattr(desk.sagemaker, f"create_{kind}_job")(**asked)
