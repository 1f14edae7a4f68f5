"""How scaling breaks the rules: of asynchronous endpoints, of components, of classic variants."""

from tests.templates.sagemaker_rules.breaking import ABSENT, Case
from tests.templates.sagemaker_rules.good import asynchronous, classic, components

CONFIG = "Config/Properties"
VARIANT = f"{CONFIG}/ProductionVariants/0"
ASYNC = f"{CONFIG}/AsyncInferenceConfig"
TARGET = "Target/Properties"
FOLLOWED = "Follow/Properties/TargetTrackingScalingPolicyConfiguration"
STEP = "Wake/Properties/StepScalingPolicyConfiguration/StepAdjustments/0/ScalingAdjustment"
MANAGED = f"{VARIANT}/ManagedInstanceScaling"
INVOCATIONS = {
    "TargetValue": 5,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
SECOND = {"VariantName": "Other", "ModelName": "other", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}

OF_ASYNCHRONOUS = (
    Case(rule="async-one-variant", good=asynchronous, changes={f"{CONFIG}/ProductionVariants/1": SECOND}),
    Case(rule="async-no-shadow", good=asynchronous, changes={f"{CONFIG}/ShadowProductionVariants": [SECOND]}),
    Case(rule="async-needs-output", good=asynchronous, changes={f"{ASYNC}/OutputConfig/S3OutputPath": ABSENT}),
    Case(rule="async-failure-unseen", good=asynchronous, changes={f"{ASYNC}/OutputConfig/S3FailurePath": ABSENT}),
    *(
        Case(
            rule="async-concurrency",
            how=str(count),
            good=asynchronous,
            changes={f"{ASYNC}/ClientConfig/MaxConcurrentInvocationsPerInstance": count},
        )
        for count in (0, 1001)
    ),
    Case(
        rule="async-no-target",
        good=asynchronous,
        changes={"Target": ABSENT, "Follow": ABSENT, "Wake": ABSENT},
    ),
    Case(rule="async-keeps-one", good=asynchronous, changes={f"{TARGET}/MinCapacity": 1}),
    Case(rule="async-never-sleeps", how="no policy", good=asynchronous, changes={"Follow": ABSENT}),
    Case(
        rule="async-never-sleeps",
        how="by variant too",
        good=asynchronous,
        changes={
            f"{FOLLOWED}/CustomizedMetricSpecification/Dimensions/1": {"Name": "VariantName", "Value": "AllTraffic"}
        },
        also=frozenset({"metric-dimensions"}),
    ),
    Case(
        rule="async-never-sleeps",
        how="another endpoint",
        good=asynchronous,
        changes={f"{FOLLOWED}/CustomizedMetricSpecification/Dimensions/0/Value": "another"},
    ),
    Case(
        rule="async-never-sleeps",
        how="invocations",
        good=asynchronous,
        changes={FOLLOWED: INVOCATIONS},
        also=frozenset({"scaling-predefined-unpublished"}),
    ),
    Case(rule="async-never-wakes", how="no policy", good=asynchronous, changes={"Wake": ABSENT}),
    Case(rule="async-never-wakes", how="no alarm", good=asynchronous, changes={"Waiting": ABSENT}),
    Case(rule="async-never-wakes", how="no action", good=asynchronous, changes={"Waiting/Properties/AlarmActions": []}),
    Case(
        rule="async-never-wakes",
        how="actions switched off",
        good=asynchronous,
        changes={"Waiting/Properties/ActionsEnabled": False},
    ),
    Case(rule="async-never-wakes", how="steps down", good=asynchronous, changes={STEP: -1}),
    Case(
        rule="async-never-wakes",
        how="another endpoint",
        good=asynchronous,
        changes={"Waiting/Properties/Dimensions/0/Value": "another"},
    ),
    Case(
        rule="async-wake-alarm",
        good=asynchronous,
        changes={"Waiting/Properties/ComparisonOperator": "GreaterThanThreshold"},
    ),
    Case(rule="async-wake-alarm", how="threshold", good=asynchronous, changes={"Waiting/Properties/Threshold": 2}),
)
OF_COMPONENTS = (
    Case(rule="component-instances-stay", how="minimum", good=components, changes={f"{MANAGED}/MinInstanceCount": 1}),
    Case(rule="component-instances-stay", how="absent", good=components, changes={MANAGED: ABSENT}),
    Case(rule="component-instances-stay", how="disabled", good=components, changes={f"{MANAGED}/Status": "DISABLED"}),
    Case(rule="component-copies-stay", how="minimum", good=components, changes={f"{TARGET}/MinCapacity": 1}),
    Case(
        rule="component-copies-stay",
        how="no target",
        good=components,
        changes={"Target": ABSENT, "Follow": ABSENT, "Wake": ABSENT},
    ),
    Case(rule="component-never-sleeps", good=components, changes={"Follow": ABSENT}),
    Case(rule="component-never-wakes", how="no policy", good=components, changes={"Wake": ABSENT}),
    Case(rule="component-never-wakes", how="no alarm", good=components, changes={"Refused": ABSENT}),
    Case(
        rule="component-never-wakes",
        how="by endpoint",
        good=components,
        changes={"Refused/Properties/Dimensions": [{"Name": "EndpointName", "Value": "mlstack-test-sorter"}]},
        also=frozenset({"metric-dimensions"}),
    ),
    Case(
        rule="component-wake-alarm",
        good=components,
        changes={"Refused/Properties/ComparisonOperator": "GreaterThanThreshold"},
    ),
    Case(
        rule="component-variant-scaled",
        good=components,
        changes={
            "Instances": {
                "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
                "DependsOn": "Endpoint",
                "Properties": classic()["Resources"]["Target"]["Properties"]
                | {"ScheduledActions": [{"ScheduledActionName": "night"}]},
            }
        },
    ),
)
OF_TARGETS = (
    Case(
        rule="scaling-burstable",
        good=asynchronous,
        changes={f"{VARIANT}/InstanceType": "ml.t2.medium"},
    ),
    Case(rule="scaling-classic-zero", good=classic, changes={f"{TARGET}/MinCapacity": 0}),
    Case(rule="scaling-min-above-max", good=classic, changes={f"{TARGET}/MinCapacity": 5}),
    Case(rule="scaling-max-zero", good=asynchronous, changes={f"{TARGET}/MaxCapacity": 0}),
    Case(
        rule="scaling-resource-dimension",
        how="variant by copies",
        good=classic,
        changes={f"{TARGET}/ScalableDimension": "sagemaker:inference-component:DesiredCopyCount"},
        also=frozenset({"scaling-predefined-metric"}),
    ),
    Case(
        rule="scaling-resource-dimension",
        how="endpoint alone",
        good=classic,
        changes={f"{TARGET}/ResourceId": "endpoint/mlstack-test-sorter"},
    ),
    Case(rule="scaling-service-namespace", good=classic, changes={f"{TARGET}/ServiceNamespace": "ecs"}),
    Case(
        rule="scaling-dimension-unknown",
        good=classic,
        changes={f"{TARGET}/ScalableDimension": "sagemaker:variant:DesiredCount"},
    ),
    Case(
        rule="scaling-predefined-metric",
        good=components,
        changes={FOLLOWED: INVOCATIONS},
    ),
    Case(
        rule="scaling-predefined-unpublished",
        good=asynchronous,
        changes={"Also": {**classic()["Resources"]["Follow"]}},
    ),
    Case(
        rule="scaling-suspended",
        good=classic,
        changes={f"{TARGET}/SuspendedState": {"DynamicScalingInSuspended": True}},
    ),
    Case(rule="scaling-no-policy", good=classic, changes={"Follow": ABSENT}),
    Case(
        rule="scaling-variant-unknown",
        good=classic,
        changes={f"{TARGET}/ResourceId": "endpoint/mlstack-test-sorter/variant/Other"},
    ),
    Case(rule="scaling-before-endpoint", how="endpoint", good=classic, changes={"Target/DependsOn": ABSENT}),
    Case(rule="scaling-before-endpoint", how="component", good=components, changes={"Target/DependsOn": ABSENT}),
    Case(
        rule="scaling-useless-role",
        good=classic,
        changes={f"{TARGET}/RoleARN": {"Fn::GetAtt": ["Role", "Arn"]}},
    ),
)
CASES = (*OF_ASYNCHRONOUS, *OF_COMPONENTS, *OF_TARGETS)
