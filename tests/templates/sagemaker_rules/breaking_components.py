"""How inference components break the rules."""

from tests.templates.sagemaker_rules.breaking import ABSENT, Case
from tests.templates.sagemaker_rules.good import SERVED, classic, components, serverless

CONFIG = "Config/Properties"
VARIANT = f"{CONFIG}/ProductionVariants/0"
COMPONENT = "Component/Properties"
SPECIFICATION = f"{COMPONENT}/Specification"
NEEDS = f"{SPECIFICATION}/ComputeResourceRequirements"
VPC = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
BATCH = f"{COMPONENT}/DeploymentConfig/RollingUpdatePolicy/MaximumBatchSize"

CASES = (
    Case(
        rule="component-model-in-variant",
        good=components,
        changes={f"{VARIANT}/ModelName": SERVED["ModelName"], f"{VARIANT}/ManagedInstanceScaling": ABSENT},
    ),
    Case(
        rule="component-endpoint-kind",
        good=serverless,
        changes={"Component": components()["Resources"]["Component"]},
    ),
    Case(
        rule="component-variant-unknown",
        good=components,
        changes={f"{COMPONENT}/VariantName": "Other"},
    ),
    Case(
        rule="component-before-endpoint",
        good=components,
        changes={f"{COMPONENT}/EndpointName": "mlstack-test-sorter"},
    ),
    Case(rule="component-execution-role", good=components, changes={f"{CONFIG}/ExecutionRoleArn": ABSENT}),
    Case(
        rule="component-managed-scaling-only",
        good=classic,
        changes={
            f"{VARIANT}/ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 2}
        },
    ),
    Case(
        rule="component-managed-range",
        good=components,
        changes={f"{VARIANT}/ManagedInstanceScaling/MinInstanceCount": 3},
        also=frozenset({"component-instances-stay"}),
    ),
    Case(
        rule="component-none",
        good=components,
        changes=dict.fromkeys(("Component", "Target", "Follow", "Wake", "Refused"), ABSENT),
    ),
    Case(rule="component-copy-count", good=components, changes={f"{COMPONENT}/RuntimeConfig/CopyCount": 0}),
    Case(
        rule="component-one-specification",
        good=components,
        changes={
            f"{COMPONENT}/Specifications": [components()["Resources"]["Component"]["Properties"]["Specification"]]
        },
    ),
    Case(rule="component-no-content", good=components, changes={f"{SPECIFICATION}/ModelName": ABSENT}),
    Case(rule="component-compute", how="missing", good=components, changes={NEEDS: ABSENT}),
    Case(
        rule="component-compute",
        how="adapter",
        good=components,
        changes={f"{SPECIFICATION}/BaseInferenceComponentName": "base"},
    ),
    Case(rule="component-memory-range", good=components, changes={f"{NEEDS}/MaxMemoryRequiredInMb": 512}),
    Case(
        rule="component-accelerator-on-cpu",
        good=components,
        changes={f"{NEEDS}/NumberOfAcceleratorDevicesRequired": 1},
    ),
    Case(
        rule="component-idle-accelerator",
        good=components,
        changes={f"{VARIANT}/InstanceType": "ml.g5.xlarge"},
    ),
    Case(
        rule="component-idle-accelerator",
        how="pool",
        good=components,
        changes={
            f"{VARIANT}/InstanceType": ABSENT,
            f"{VARIANT}/InstancePools": [{"InstanceType": "ml.inf2.xlarge", "Priority": 1}],
        },
    ),
    Case(rule="component-too-large", how="memory", good=components, changes={f"{NEEDS}/MinMemoryRequiredInMb": 65536}),
    Case(rule="component-too-large", how="cores", good=components, changes={f"{NEEDS}/NumberOfCpuCoresRequired": 5}),
    Case(
        rule="component-too-large",
        how="gpus",
        good=components,
        changes={
            f"{VARIANT}/InstanceType": "ml.g5.xlarge",
            f"{NEEDS}/NumberOfAcceleratorDevicesRequired": 2,
        },
    ),
    Case(rule="component-model-network", how="model", good=components, changes={"Model/Properties/VpcConfig": VPC}),
    Case(rule="component-model-network", how="configuration", good=components, changes={f"{CONFIG}/VpcConfig": VPC}),
    Case(
        rule="component-model-network",
        how="isolation",
        good=components,
        changes={"Model/Properties/EnableNetworkIsolation": True},
    ),
    Case(
        rule="component-zero-region",
        good=components,
        changes={"Model/Properties/PrimaryContainer/Image": {"Fn::GetAtt": ["Build", "ImageUri"]}},
        region="eu-west-3",
    ),
    Case(
        rule="component-batch-size",
        how="per cent",
        good=components,
        changes={BATCH: {"Type": "CAPACITY_PERCENT", "Value": 60}},
    ),
    Case(
        rule="component-batch-size",
        how="copies",
        good=components,
        changes={BATCH: {"Type": "COPY_COUNT", "Value": 1}},
    ),
)
