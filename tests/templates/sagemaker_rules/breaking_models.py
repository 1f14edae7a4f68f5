"""How models, their images, variants and data capture break the rules."""

from tests.templates.sagemaker_rules.breaking import ABSENT, Case
from tests.templates.sagemaker_rules.good import IMAGE, SERVED, asynchronous, classic, model, pipeline_model, shadow

CONTAINER = "Model/Properties/PrimaryContainer"
CONFIG = "Config/Properties"
VARIANT = f"{CONFIG}/ProductionVariants/0"
TYPE = f"{VARIANT}/InstanceType"
CAPTURE = f"{CONFIG}/DataCaptureConfig"
SOURCE = {
    "S3DataSource": {"S3Uri": "s3://models/model.tar.gz", "S3DataType": "S3Object", "CompressionType": "Gzip"},
}
DLC = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
GPU_IMAGE = f"{DLC}/pytorch-inference:2.6.0-gpu-py312"
CPU_IMAGE = f"{DLC}/pytorch-inference:2.6.0-cpu-py312"
ARM_IMAGE = f"{DLC}/pytorch-inference-arm64:2.6.0-cpu-py312"
NEURON_IMAGE = f"{DLC}/pytorch-inference-neuronx:2.6.0-neuronx-py310"
SECOND = {**SERVED, "VariantName": "Other", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
MULTI = {"Image": IMAGE, "Mode": "MultiModel", "ContainerHostname": "several"}
POOL = {"InstanceType": "ml.m5.large", "Priority": 1}

OF_MODELS = (
    Case(
        rule="model-containers-twice",
        good=model,
        changes={"Model/Properties/Containers": [{"Image": IMAGE}]},
    ),
    Case(rule="model-no-container", good=model, changes={CONTAINER: ABSENT}),
    Case(rule="model-no-image", good=model, changes={f"{CONTAINER}/Image": ABSENT}),
    Case(rule="model-data-twice", good=model, changes={f"{CONTAINER}/ModelDataSource": SOURCE}),
    Case(rule="model-data-archive", good=model, changes={f"{CONTAINER}/ModelDataUrl": "s3://models/model.zip"}),
    Case(
        rule="model-data-prefix",
        good=model,
        changes={
            CONTAINER: {
                "Image": IMAGE,
                "ModelDataSource": {
                    "S3DataSource": {
                        "S3Uri": "s3://models/sorter",
                        "S3DataType": "S3Prefix",
                        "CompressionType": "None",
                    }
                },
            }
        },
    ),
    Case(
        rule="model-multi-model-data-source",
        good=model,
        changes={CONTAINER: {"Image": IMAGE, "Mode": "MultiModel", "ModelDataSource": SOURCE}},
    ),
    Case(
        rule="model-multi-model-pipeline",
        good=pipeline_model,
        changes={"Model/Properties/Containers": [MULTI, MULTI]},
    ),
    Case(
        rule="model-container-hostnames",
        how="half",
        good=pipeline_model,
        changes={"Model/Properties/Containers/1/ContainerHostname": ABSENT},
    ),
    Case(
        rule="model-container-hostnames",
        how="direct",
        good=pipeline_model,
        changes={
            "Model/Properties/Containers": [{"Image": IMAGE}, {"Image": IMAGE}],
            "Model/Properties/InferenceExecutionConfig": {"Mode": "Direct"},
        },
    ),
    Case(
        rule="model-execution-mode-alone",
        good=model,
        changes={"Model/Properties/InferenceExecutionConfig": {"Mode": "Serial"}},
    ),
    Case(
        rule="model-environment",
        how="entries",
        good=model,
        changes={f"{CONTAINER}/Environment": {f"KEY{number}": "1" for number in range(101)}},
    ),
    Case(
        rule="model-environment",
        how="text",
        good=model,
        changes={f"{CONTAINER}/Environment": {"KEY": "x" * 1025}},
    ),
    Case(
        rule="model-environment",
        how="whole",
        good=model,
        changes={f"{CONTAINER}/Environment": {f"KEY{number}": "x" * 1000 for number in range(40)}},
    ),
)
OF_IMAGES = (
    Case(rule="image-region", good=model, changes={}, region="eu-west-1"),
    Case(
        rule="image-account",
        good=model,
        changes={
            f"{CONTAINER}/Image": "763104351884.dkr.ecr.il-central-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
        },
    ),
    Case(
        rule="image-not-offered",
        good=model,
        changes={
            f"{CONTAINER}/Image": "763104351884.dkr.ecr.ap-east-9.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
        },
    ),
    Case(
        rule="image-cdk-map",
        good=model,
        changes={
            f"{CONTAINER}/Image": {
                "Fn::Join": [
                    "",
                    [
                        {"Fn::FindInMap": ["DlcRepositoryAccountMap", {"Ref": "AWS::Region"}, "dlcRepositoryAccount"]},
                        ".dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312",
                    ],
                ]
            }
        },
    ),
    Case(
        rule="image-closed",
        good=model,
        changes={f"{CONTAINER}/Image": f"{DLC}/mxnet-inference:1.9.0-cpu-py38"},
    ),
    Case(
        rule="image-training-only",
        good=model,
        changes={f"{CONTAINER}/Image": f"{DLC}/pytorch:2.13-cpu-amzn2023-sagemaker"},
    ),
    Case(rule="image-gpu-on-cpu", good=classic, changes={f"{CONTAINER}/Image": GPU_IMAGE}),
    Case(
        rule="image-gpu-on-cpu",
        how="tag",
        good=classic,
        changes={f"{CONTAINER}/Image": f"{IMAGE.partition(':')[0]}:2-cu126"},
    ),
    Case(rule="image-cpu-on-gpu", good=classic, changes={f"{CONTAINER}/Image": CPU_IMAGE, TYPE: "ml.g5.xlarge"}),
    Case(rule="image-neuron", how="image", good=classic, changes={f"{CONTAINER}/Image": NEURON_IMAGE}),
    Case(
        rule="image-neuron",
        how="type",
        good=classic,
        changes={f"{CONTAINER}/Image": CPU_IMAGE, TYPE: "ml.inf2.xlarge"},
    ),
    Case(rule="image-processor", how="image", good=classic, changes={f"{CONTAINER}/Image": ARM_IMAGE}),
    Case(
        rule="image-processor",
        how="type",
        good=classic,
        changes={f"{CONTAINER}/Image": CPU_IMAGE, TYPE: "ml.m6g.large"},
    ),
)
OF_VARIANTS = (
    Case(
        rule="variant-duplicate-name",
        good=classic,
        changes={f"{CONFIG}/ProductionVariants/1": SECOND | {"VariantName": "AllTraffic"}},
    ),
    Case(rule="variant-weights-zero", good=classic, changes={f"{VARIANT}/InitialVariantWeight": 0}),
    Case(rule="variant-initial-count", good=asynchronous, changes={f"{VARIANT}/InitialInstanceCount": 0}),
    Case(rule="variant-needs-instances", good=classic, changes={TYPE: ABSENT}),
    Case(rule="variant-type-and-pools", good=classic, changes={f"{VARIANT}/InstancePools": [POOL]}),
    Case(
        rule="variant-pool-priority",
        good=classic,
        changes={TYPE: ABSENT, f"{VARIANT}/InstancePools": [POOL, POOL | {"InstanceType": "ml.m6i.large"}]},
    ),
    Case(rule="variant-retired-type", good=classic, changes={TYPE: "ml.p2.xlarge"}),
    Case(rule="variant-type-use", good=classic, changes={TYPE: "ml.t3.medium"}, also=frozenset({"scaling-burstable"})),
    Case(
        rule="variant-elastic-inference",
        good=classic,
        changes={f"{VARIANT}/AcceleratorType": "ml.eia2.medium"},
    ),
    Case(
        rule="variant-volume-on-nvme",
        good=classic,
        changes={TYPE: "ml.g5.xlarge", f"{VARIANT}/VolumeSizeInGB": 50},
    ),
    Case(rule="variant-key-on-nvme", good=classic, changes={TYPE: "ml.g5.xlarge", f"{CONFIG}/KmsKeyId": "alias/key"}),
    Case(
        rule="variant-ami-accelerator",
        how="gpu on cpu",
        good=classic,
        changes={f"{VARIANT}/InferenceAmiVersion": "al2023-ami-sagemaker-inference-gpu-4-1"},
    ),
    Case(
        rule="variant-ami-accelerator",
        how="neuron on gpu",
        good=classic,
        changes={TYPE: "ml.g5.xlarge", f"{VARIANT}/InferenceAmiVersion": "al2-ami-sagemaker-inference-neuron-2"},
    ),
    Case(
        rule="variant-shadow-pair",
        how="two shadows",
        good=shadow,
        changes={f"{CONFIG}/ShadowProductionVariants/1": SECOND},
    ),
    Case(
        rule="variant-shadow-pair",
        how="two in production",
        good=shadow,
        changes={f"{CONFIG}/ProductionVariants/1": SECOND},
    ),
    Case(
        rule="variant-shadow-model",
        how="pipeline",
        good=shadow,
        changes={"Model": pipeline_model()["Resources"]["Model"]},
    ),
    Case(
        rule="variant-shadow-model",
        how="multi-model",
        good=shadow,
        changes={f"{CONTAINER}/Mode": "MultiModel"},
    ),
    Case(rule="variant-shadow-model", how="Inf1", good=shadow, changes={TYPE: "ml.inf1.xlarge"}),
)
OF_CAPTURE = (
    Case(rule="capture-off", good=classic, changes={f"{CAPTURE}/EnableCapture": False}),
    Case(rule="capture-zero-percent", good=classic, changes={f"{CAPTURE}/InitialSamplingPercentage": 0}),
    Case(rule="capture-no-options", how="absent", good=classic, changes={f"{CAPTURE}/CaptureOptions": ABSENT}),
    Case(rule="capture-no-options", how="empty", good=classic, changes={f"{CAPTURE}/CaptureOptions": []}),
    Case(rule="capture-output-only", good=classic, changes={f"{CAPTURE}/CaptureOptions/0/CaptureMode": "Output"}),
)
CASES = (*OF_MODELS, *OF_IMAGES, *OF_VARIANTS, *OF_CAPTURE)
