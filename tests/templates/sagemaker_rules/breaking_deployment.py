"""How deployments, rollbacks and metrics break the rules."""

from tests.templates.sagemaker_rules.breaking import ABSENT, Case
from tests.templates.sagemaker_rules.good import asynchronous, classic, components, rolling, serverless

CONFIG = "Config/Properties"
VARIANT = f"{CONFIG}/ProductionVariants/0"
ENDPOINT = "Endpoint/Properties"
DEPLOYMENT = f"{ENDPOINT}/DeploymentConfig"
POLICY = f"{DEPLOYMENT}/BlueGreenUpdatePolicy"
ROUTING = f"{POLICY}/TrafficRoutingConfiguration"
BATCHES = f"{DEPLOYMENT}/RollingUpdatePolicy"
ROLLBACK = f"{DEPLOYMENT}/AutoRollbackConfiguration"
ALARM = "Errors/Properties"
SECOND = {"VariantName": "Other", "ModelName": "other", "InstanceType": "ml.m5.large", "InitialInstanceCount": 4}
RETAIN = f"{ENDPOINT}/RetainAllVariantProperties"
EXCLUDE = f"{ENDPOINT}/ExcludeRetainedVariantProperties"
LINEAR = {
    "Type": "LINEAR",
    "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
    "WaitIntervalInSeconds": 300,
}
GUARDED = classic()["Resources"]["Endpoint"]["Properties"]["DeploymentConfig"]
BY_VARIANT = [
    {"Name": "EndpointName", "Value": "mlstack-test-sorter"},
    {"Name": "VariantName", "Value": "AllTraffic"},
]

OF_DEPLOYMENT = (
    Case(
        rule="deployment-one-policy",
        good=classic,
        changes={
            BATCHES: rolling()["Resources"]["Endpoint"]["Properties"]["DeploymentConfig"]["RollingUpdatePolicy"],
        },
    ),
    Case(
        rule="deployment-variant-name",
        good=classic,
        changes={
            f"{VARIANT}/VariantName": "version-2",
            "Target/Properties/ResourceId": "endpoint/mlstack-test-sorter/variant/version-2",
            f"{ALARM}/Dimensions/1/Value": "version-2",
        },
    ),
    Case(rule="deployment-config-name", good=classic, changes={f"{CONFIG}/EndpointConfigName": "sorter"}),
    Case(rule="deployment-model-name", good=classic, changes={"Model/Properties/ModelName": "sorter"}),
    Case(rule="deployment-size", how="canary", good=classic, changes={f"{ROUTING}/CanarySize/Value": 60}),
    Case(
        rule="deployment-size",
        how="canary by count",
        good=classic,
        changes={f"{ROUTING}/CanarySize": {"Type": "INSTANCE_COUNT", "Value": 3}},
    ),
    Case(
        rule="deployment-size",
        how="linear",
        good=classic,
        changes={ROUTING: LINEAR | {"LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 5}}},
        also=frozenset({"deployment-timeout"}),
    ),
    Case(
        rule="deployment-size",
        how="rolling",
        good=rolling,
        changes={f"{BATCHES}/MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 51}},
    ),
    Case(rule="deployment-size-missing", good=classic, changes={f"{ROUTING}/CanarySize": ABSENT}),
    Case(
        rule="deployment-size-unused",
        good=classic,
        changes={f"{ROUTING}/LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20}},
    ),
    Case(
        rule="deployment-serverless-count",
        good=serverless,
        changes={
            DEPLOYMENT: GUARDED,
            f"{ROUTING}/CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
            "Errors": classic()["Resources"]["Errors"],
        },
    ),
    Case(rule="deployment-no-wait", how="absent", good=classic, changes={f"{ROUTING}/WaitIntervalInSeconds": ABSENT}),
    Case(rule="deployment-no-wait", how="zero", good=classic, changes={f"{ROUTING}/WaitIntervalInSeconds": 0}),
    Case(rule="deployment-no-wait", how="rolling", good=rolling, changes={f"{BATCHES}/WaitIntervalInSeconds": 0}),
    Case(rule="deployment-no-bake", good=classic, changes={f"{POLICY}/TerminationWaitInSeconds": ABSENT}),
    Case(
        rule="deployment-no-bake",
        how="all at once",
        good=classic,
        changes={ROUTING: {"Type": "ALL_AT_ONCE"}, f"{POLICY}/TerminationWaitInSeconds": 0},
    ),
    Case(
        rule="deployment-rolling-excluded",
        how="serverless",
        good=serverless,
        changes={
            DEPLOYMENT: rolling()["Resources"]["Endpoint"]["Properties"]["DeploymentConfig"],
            f"{BATCHES}/MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
            "Errors": classic()["Resources"]["Errors"],
        },
    ),
    Case(
        rule="deployment-rolling-excluded",
        how="variants",
        good=rolling,
        changes={f"{CONFIG}/ProductionVariants/1": SECOND},
    ),
    Case(rule="deployment-inf1", good=classic, changes={f"{VARIANT}/InstanceType": "ml.inf1.xlarge"}),
    Case(
        rule="deployment-timeout",
        how="canary",
        good=classic,
        changes={f"{POLICY}/MaximumExecutionTimeoutInSeconds": 600},
    ),
    Case(
        rule="deployment-timeout",
        how="linear",
        good=classic,
        changes={ROUTING: LINEAR, f"{POLICY}/MaximumExecutionTimeoutInSeconds": 1200},
    ),
    Case(
        rule="deployment-timeout",
        how="rolling",
        good=rolling,
        changes={f"{BATCHES}/MaximumExecutionTimeoutInSeconds": 1200},
    ),
)
OF_ROLLBACK = (
    Case(rule="deployment-no-rollback", how="absent", good=classic, changes={ROLLBACK: ABSENT}),
    Case(rule="deployment-no-rollback", how="empty", good=classic, changes={f"{ROLLBACK}/Alarms": []}),
    Case(
        rule="deployment-alarm-count",
        good=classic,
        changes={f"{ROLLBACK}/Alarms": [{"AlarmName": f"alarm-{number}"} for number in range(11)]},
    ),
    Case(
        rule="deployment-alarm-elsewhere",
        how="another endpoint",
        good=classic,
        changes={f"{ALARM}/Dimensions/0/Value": "another"},
    ),
    Case(
        rule="deployment-alarm-elsewhere",
        how="by name",
        good=classic,
        changes={
            f"{ALARM}/AlarmName": "errors",
            f"{ALARM}/Dimensions/0/Value": "another",
            f"{ROLLBACK}/Alarms/0/AlarmName": "errors",
        },
    ),
    Case(rule="deployment-alarm-breaching", good=classic, changes={f"{ALARM}/TreatMissingData": "breaching"}),
    Case(
        rule="deployment-excludes-capture",
        good=classic,
        changes={f"{EXCLUDE}/0/VariantPropertyType": "DataCaptureConfig"},
    ),
    Case(rule="deployment-role-blind", good=classic, changes={"Role/Properties/Policies": []}),
    Case(
        rule="deployment-excludes-nothing",
        good=classic,
        changes={RETAIN: False},
        also=frozenset({"deployment-resets-count"}),
    ),
    Case(
        rule="deployment-resets-count",
        good=classic,
        changes={RETAIN: ABSENT, EXCLUDE: ABSENT},
    ),
    Case(rule="deployment-retained", good=classic, changes={f"{ENDPOINT}/RetainDeploymentConfig": True}),
    Case(
        rule="deployment-lost",
        good=classic,
        changes={f"{ENDPOINT}/RetainDeploymentConfig": False, DEPLOYMENT: ABSENT},
    ),
)
OF_METRICS = (
    Case(rule="metric-unknown", good=classic, changes={f"{ALARM}/MetricName": "Invocation5xxErrors"}),
    Case(
        rule="metric-namespace",
        how="cpu",
        good=classic,
        changes={f"{ALARM}/MetricName": "CPUUtilization"},
    ),
    Case(
        rule="metric-namespace",
        how="spelling",
        good=classic,
        changes={f"{ALARM}/Namespace": "AWS/Sagemaker"},
    ),
    Case(
        rule="metric-dimensions",
        how="endpoint alone",
        good=classic,
        changes={f"{ALARM}/MetricName": "Invocations", f"{ALARM}/Dimensions": BY_VARIANT[:1]},
    ),
    Case(
        rule="metric-dimensions",
        how="none",
        good=classic,
        changes={f"{ALARM}/Dimensions": []},
        also=frozenset({"deployment-alarm-elsewhere"}),
    ),
    Case(
        rule="metric-dimensions",
        how="in a formula",
        good=classic,
        changes={
            "Rate": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "Metrics": [
                        {"Id": "rate", "Expression": "errors / 2"},
                        {
                            "Id": "errors",
                            "MetricStat": {
                                "Metric": {
                                    "Namespace": "AWS/SageMaker",
                                    "MetricName": "InvocationsPerCopy",
                                    "Dimensions": BY_VARIANT,
                                },
                                "Stat": "Sum",
                            },
                        },
                    ]
                },
            }
        },
    ),
    Case(
        rule="metric-kind",
        how="setup time",
        good=classic,
        changes={f"{ALARM}/MetricName": "ModelSetupTime", f"{ALARM}/Statistic": "Average"},
    ),
    *(
        Case(
            rule="metric-kind",
            how=f"asynchronous {metric}",
            good=asynchronous,
            changes={
                "Errors": {
                    "Type": "AWS::CloudWatch::Alarm",
                    "Properties": {
                        "Namespace": "AWS/SageMaker",
                        "MetricName": metric,
                        "Dimensions": BY_VARIANT,
                        "Statistic": "Sum",
                    },
                }
            },
        )
        for metric in ("Invocations", "InvocationsPerInstance", "OverheadLatency", "ModelSetupTime")
    ),
    Case(
        rule="metric-kind",
        how="backlog",
        good=classic,
        changes={f"{ALARM}/MetricName": "ApproximateBacklogSize", f"{ALARM}/Dimensions": BY_VARIANT[:1]},
    ),
    Case(
        rule="metric-kind",
        how="machines of a serverless endpoint",
        good=serverless,
        changes={
            "Errors": classic()["Resources"]["Errors"],
            f"{ALARM}/Namespace": "/aws/sagemaker/Endpoints",
            f"{ALARM}/MetricName": "CPUUtilization",
        },
    ),
    Case(
        rule="metric-kind",
        how="normalised without components",
        good=classic,
        changes={f"{ALARM}/Namespace": "/aws/sagemaker/Endpoints", f"{ALARM}/MetricName": "CPUUtilizationNormalized"},
    ),
    Case(rule="metric-variant-unknown", good=classic, changes={f"{ALARM}/Dimensions/1/Value": "Other"}),
    Case(
        rule="metric-gpu-on-cpu",
        good=classic,
        changes={f"{ALARM}/Namespace": "/aws/sagemaker/Endpoints", f"{ALARM}/MetricName": "GPUUtilization"},
    ),
    Case(
        rule="metric-statistic",
        good=components,
        changes={
            "Refused": components()["Resources"]["Refused"],
            "Calls": components()["Resources"]["Refused"],
            "Calls/Properties/MetricName": "Invocations",
            "Calls/Properties/Statistic": "Average",
        },
    ),
)
CASES = (*OF_DEPLOYMENT, *OF_ROLLBACK, *OF_METRICS)
