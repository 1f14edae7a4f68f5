"""How a serverless endpoint breaks the rules."""

from tests.templates.sagemaker_rules.breaking import Case
from tests.templates.sagemaker_rules.good import IMAGE, Json, asynchronous, serverless

CONFIG = "Config/Properties"
VARIANT = f"{CONFIG}/ProductionVariants/0"
SETTINGS = f"{VARIANT}/ServerlessConfig"
CONTAINER = "Model/Properties/PrimaryContainer"
VPC = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
ARCHIVE = {
    "S3DataSource": {"S3Uri": "s3://models/model.tar.gz", "S3DataType": "S3Object", "CompressionType": "Gzip"},
}
TRITON_GPU = "785573368785.dkr.ecr.us-east-1.amazonaws.com/sagemaker-tritonserver:26.05-py3"


def many(count: int, most: int) -> Json:
    """As many serverless configurations."""
    config = serverless()["Resources"]["Config"]
    config["Properties"]["ProductionVariants"][0]["ServerlessConfig"]["MaxConcurrency"] = most
    return {"Resources": {f"Config{number}": config for number in range(count)}}


CASES = (
    Case(rule="serverless-no-vpc", how="model", good=serverless, changes={"Model/Properties/VpcConfig": VPC}),
    Case(rule="serverless-no-vpc", how="configuration", good=serverless, changes={f"{CONFIG}/VpcConfig": VPC}),
    Case(
        rule="serverless-no-network-isolation",
        how="model",
        good=serverless,
        changes={"Model/Properties/EnableNetworkIsolation": True},
    ),
    Case(
        rule="serverless-no-network-isolation",
        how="configuration",
        good=serverless,
        changes={f"{CONFIG}/EnableNetworkIsolation": "true"},
    ),
    Case(
        rule="serverless-no-data-capture",
        good=serverless,
        changes={
            f"{CONFIG}/DataCaptureConfig": {
                "InitialSamplingPercentage": 1,
                "DestinationS3Uri": "s3://captured/",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            }
        },
    ),
    Case(
        rule="serverless-one-variant",
        good=serverless,
        changes={
            f"{CONFIG}/ProductionVariants/1": {
                "VariantName": "Other",
                "ModelName": "other",
                "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
            }
        },
    ),
    Case(
        rule="serverless-no-shadow",
        good=serverless,
        changes={
            f"{CONFIG}/ShadowProductionVariants": [
                {"VariantName": "Shadow", "ModelName": "other", "InstanceType": "ml.m5.large"}
            ]
        },
    ),
    Case(
        rule="serverless-no-pipeline",
        good=serverless,
        changes={
            "Model/Properties": {
                "Containers": [{"Image": IMAGE}, {"Image": IMAGE}],
            }
        },
    ),
    Case(rule="serverless-no-multi-model", good=serverless, changes={f"{CONTAINER}/Mode": "MultiModel"}),
    Case(
        rule="serverless-no-model-data-source",
        good=serverless,
        changes={CONTAINER: {"Image": IMAGE, "ModelDataSource": ARCHIVE}},
    ),
    Case(
        rule="serverless-no-private-registry",
        good=serverless,
        changes={f"{CONTAINER}/ImageConfig": {"RepositoryAccessMode": "Vpc"}},
    ),
    Case(rule="serverless-no-gpu-image", how="tag", good=serverless, changes={f"{CONTAINER}/Image": f"{IMAGE}-gpu"}),
    Case(
        rule="serverless-no-gpu-image",
        how="catalogue",
        good=serverless,
        changes={f"{CONTAINER}/Image": TRITON_GPU},
    ),
    *(
        Case(rule="serverless-no-instance-settings", how=key, good=serverless, changes={f"{VARIANT}/{key}": value})
        for key, value in {
            "InitialInstanceCount": 1,
            "VolumeSizeInGB": 10,
            "InferenceAmiVersion": "al2023-ami-sagemaker-inference-gpu-4-1",
            "RoutingConfig": {"RoutingStrategy": "RANDOM"},
        }.items()
    ),
    Case(
        rule="serverless-no-async",
        good=serverless,
        changes={
            f"{CONFIG}/AsyncInferenceConfig": {
                "OutputConfig": {"S3OutputPath": "s3://answers/", "S3FailurePath": "s3://failures/"}
            }
        },
    ),
    *(
        Case(
            rule="serverless-memory-size",
            how=str(memory),
            good=serverless,
            changes={f"{SETTINGS}/MemorySizeInMB": memory},
        )
        for memory in (1000, 512, 7168, "1536")
    ),
    *(
        Case(
            rule="serverless-max-concurrency",
            how=str(count),
            good=serverless,
            changes={f"{SETTINGS}/MaxConcurrency": count},
        )
        for count in (0, 201)
    ),
    *(
        Case(
            rule="serverless-provisioned-concurrency",
            how=str(count),
            good=serverless,
            changes={f"{SETTINGS}/ProvisionedConcurrency": count},
        )
        for count in (0, 6)
    ),
    Case(rule="serverless-concurrency-quota", good=lambda: many(3, 200), changes={}),
    Case(
        rule="serverless-concurrency-quota",
        how="large-region",
        good=lambda: many(6, 200),
        changes={},
        region="us-east-1",
    ),
    Case(rule="serverless-endpoint-quota", good=lambda: many(51, 1), changes={}),
    Case(
        rule="serverless-region", good=serverless, changes={}, region="eu-central-2", also=frozenset({"image-region"})
    ),
    Case(
        rule="serverless-no-instance-scaling",
        good=asynchronous,
        changes={
            VARIANT: serverless()["Resources"]["Config"]["Properties"]["ProductionVariants"][0],
        },
        also=frozenset({"serverless-no-async", "metric-kind"}),
    ),
    Case(
        rule="serverless-no-provisioned-scaling",
        good=asynchronous,
        changes={
            "Config": serverless()["Resources"]["Config"],
            "Target/Properties/ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
            "Follow/Properties/TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 1,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"
                },
            },
        },
        also=frozenset({"metric-kind"}),
    ),
)
