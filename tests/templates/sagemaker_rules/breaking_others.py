"""How notebooks, events, workflows, pipelines, jobs and closed services break the rules."""

import base64
import json
from typing import Any

from tests.templates.sagemaker_rules.breaking import ABSENT, Case
from tests.templates.sagemaker_rules.good import (
    classic,
    event_rule,
    model,
    notebook,
    pipeline,
    serverless,
    state_machine,
    workflow,
)

NOTEBOOK = "Notebook/Properties"
START = "Lifecycle/Properties/OnStart"
BODY = "Pipeline/Properties/PipelineDefinition/PipelineDefinitionBody"
DEFINITION = "Machine/Properties/DefinitionString"
PATTERN = "Rule/Properties/EventPattern"
DEEPAR = "522234722520.dkr.ecr.us-east-1.amazonaws.com/forecasting-deepar:1"
LARGE = base64.b64encode(b"x" * 12289).decode()


def pipeline_of(*steps: dict[str, Any], version: str = "2020-12-01") -> str:
    """The body of a pipeline."""
    return json.dumps({"Version": version, "Steps": steps})


def task(integration: str) -> str:
    """A state machine that calls one integration."""
    return json.dumps(state_machine(f"arn:aws:states:::{integration}"))


def resource(kind: str) -> dict[str, Any]:
    """A resource without properties."""
    return {"Type": kind, "Properties": {}}


def training(image: str, instance_type: str, count: int = 1) -> str:
    """A state machine that trains on an image."""
    definition = state_machine("arn:aws:states:::sagemaker:createTrainingJob.sync")
    definition["States"]["Train"]["Parameters"] = {
        "AlgorithmSpecification": {"TrainingImage": f"811284229777.dkr.ecr.us-east-1.amazonaws.com/{image}:1"},
        "ResourceConfig": {"InstanceType": instance_type, "InstanceCount": count},
    }
    return json.dumps(definition)


OF_NOTEBOOKS = (
    Case(
        rule="notebook-direct-internet",
        good=notebook,
        changes={f"{NOTEBOOK}/SubnetId": ABSENT, f"{NOTEBOOK}/SecurityGroupIds": ABSENT},
    ),
    Case(
        rule="notebook-security-groups",
        good=notebook,
        changes={f"{NOTEBOOK}/SubnetId": ABSENT, f"{NOTEBOOK}/DirectInternetAccess": "Enabled"},
    ),
    *(
        Case(
            rule="notebook-platform-closed",
            how=platform,
            good=notebook,
            changes={f"{NOTEBOOK}/PlatformIdentifier": platform},
        )
        for platform in ("notebook-al1-v1", "notebook-al2-v1", "notebook-al2-v2", "notebook-al2-v3")
    ),
    Case(
        rule="notebook-platform-unknown",
        good=notebook,
        changes={f"{NOTEBOOK}/PlatformIdentifier": "notebook-al2023-v2"},
    ),
    Case(rule="notebook-type-on-al2023", good=notebook, changes={f"{NOTEBOOK}/InstanceType": "ml.inf1.xlarge"}),
    Case(rule="notebook-retired-type", good=notebook, changes={f"{NOTEBOOK}/InstanceType": "ml.p2.xlarge"}),
    Case(rule="notebook-type-use", good=notebook, changes={f"{NOTEBOOK}/InstanceType": "ml.c8g.large"}),
    Case(
        rule="notebook-repositories",
        good=notebook,
        changes={f"{NOTEBOOK}/AdditionalCodeRepositories": ["one", "two", "three", "four"]},
    ),
    Case(rule="notebook-root-unstated", good=notebook, changes={f"{NOTEBOOK}/RootAccess": ABSENT}),
    Case(
        rule="notebook-elastic-inference",
        good=notebook,
        changes={f"{NOTEBOOK}/AcceleratorTypes": ["ml.eia2.medium"]},
    ),
    *(
        Case(rule="notebook-volume", how=str(size), good=notebook, changes={f"{NOTEBOOK}/VolumeSizeInGB": size})
        for size in (4, 16385)
    ),
    Case(
        rule="notebook-imds",
        how="absent",
        good=notebook,
        changes={f"{NOTEBOOK}/InstanceMetadataServiceConfiguration": ABSENT},
    ),
    Case(
        rule="notebook-imds",
        how="first",
        good=notebook,
        changes={
            f"{NOTEBOOK}/InstanceMetadataServiceConfiguration/MinimumInstanceMetadataServiceVersion": "1",
        },
    ),
    Case(
        rule="notebook-no-off-switch",
        how="no lifecycle",
        good=notebook,
        changes={f"{NOTEBOOK}/LifecycleConfigName": ABSENT},
    ),
    Case(rule="notebook-no-off-switch", how="no start", good=notebook, changes={START: ABSENT}),
    Case(rule="notebook-script-size", how="encoded", good=notebook, changes={f"{START}/0/Content": LARGE}),
    Case(
        rule="notebook-script-size",
        how="by CloudFormation",
        good=notebook,
        changes={f"{START}/0/Content": {"Fn::Base64": {"Fn::Sub": "${AWS::Region}" + "x" * 12289}}},
    ),
    Case(rule="notebook-script-encoding", good=notebook, changes={f"{START}/0/Content": "#!/bin/sh\nexit 0\n"}),
    Case(
        rule="notebook-script-count",
        good=notebook,
        changes={f"{START}/1": {"Content": base64.b64encode(b"true").decode()}},
    ),
)
OF_EVENTS = (
    Case(
        rule="event-never-sent",
        how="compilation",
        good=event_rule,
        changes={f"{PATTERN}/detail-type": ["SageMaker Compilation Job State Change"]},
    ),
    Case(
        rule="event-never-sent",
        how="spelling",
        good=event_rule,
        changes={f"{PATTERN}/detail-type": ["Sagemaker Endpoint State Change"]},
    ),
    Case(rule="event-source", good=event_rule, changes={f"{PATTERN}/source": ["aws.sagemaker.amazonaws.com"]}),
    Case(
        rule="event-closed-service",
        good=event_rule,
        changes={f"{PATTERN}/detail-type": ["SageMaker Ground Truth Labeling Job State Change"]},
    ),
)
OF_ALGORITHMS = (
    Case(
        rule="algorithm-training",
        how="no GPU",
        good=workflow,
        changes={DEFINITION: training("image-classification", "ml.m5.large")},
    ),
    Case(
        rule="algorithm-training",
        how="two instances",
        good=workflow,
        changes={DEFINITION: training("semantic-segmentation", "ml.g5.xlarge", 2)},
    ),
    Case(
        rule="algorithm-serving",
        good=classic,
        changes={
            "Model/Properties/PrimaryContainer/Image": DEEPAR,
            "Config/Properties/ProductionVariants/0/InstanceType": "ml.g4dn.xlarge",
        },
    ),
)
OF_WORKFLOWS = (
    Case(
        rule="workflow-action-unknown",
        good=workflow,
        changes={DEFINITION: task("sagemaker:createCompilationJob")},
    ),
    Case(
        rule="workflow-callback",
        good=workflow,
        changes={DEFINITION: task("sagemaker:createTrainingJob.waitForTaskToken")},
    ),
    Case(rule="workflow-sync", how="model", good=workflow, changes={DEFINITION: task("sagemaker:createModel.sync")}),
    Case(
        rule="workflow-sync",
        how="as an object",
        good=workflow,
        changes={
            DEFINITION: ABSENT,
            "Machine/Properties/Definition": state_machine("arn:aws:states:::sagemaker:createEndpoint.sync"),
        },
    ),
    Case(
        rule="workflow-sdk-pattern",
        good=workflow,
        changes={DEFINITION: task("aws-sdk:sagemaker:createCompilationJob.sync")},
    ),
    Case(
        rule="workflow-sync-permissions",
        how="policy",
        good=workflow,
        changes={"Policy/Properties/PolicyDocument/Statement/1/Effect": "Deny"},
    ),
    Case(rule="workflow-sync-permissions", how="no policy", good=workflow, changes={"Policy": ABSENT}),
    Case(
        rule="workflow-labelling-closed",
        good=workflow,
        changes={DEFINITION: task("sagemaker:createLabelingJob")},
    ),
)
OF_PIPELINES = (
    Case(
        rule="pipeline-no-definition",
        how="absent",
        good=pipeline,
        changes={"Pipeline/Properties/PipelineDefinition": ABSENT},
    ),
    Case(
        rule="pipeline-no-definition",
        how="empty",
        good=pipeline,
        changes={"Pipeline/Properties/PipelineDefinition": {"Other": 1}},
    ),
    Case(
        rule="pipeline-two-definitions",
        good=pipeline,
        changes={"Pipeline/Properties/PipelineDefinition/PipelineDefinitionS3Location": {"Bucket": "b", "Key": "k"}},
    ),
    Case(rule="pipeline-not-json", how="text", good=pipeline, changes={BODY: "{Steps"}),
    Case(rule="pipeline-not-json", how="list", good=pipeline, changes={BODY: "[]"}),
    Case(rule="pipeline-version", good=pipeline, changes={BODY: pipeline_of(version="2021-01-01")}),
    *(
        Case(
            rule="pipeline-step-unknown",
            how=kind,
            good=pipeline,
            changes={BODY: pipeline_of({"Name": "Step", "Type": kind})},
        )
        for kind in ("Compilation", "Neo", "Labeling", "Train")
    ),
    Case(
        rule="pipeline-step-unknown",
        how="in a branch",
        good=pipeline,
        changes={
            BODY: pipeline_of(
                {"Name": "If", "Type": "Condition", "Arguments": {"ElseSteps": [{"Name": "Else", "Type": "Neo"}]}}
            )
        },
    ),
    Case(
        rule="pipeline-step-duplicate",
        good=pipeline,
        changes={BODY: pipeline_of({"Name": "Step", "Type": "Training"}, {"Name": "Step", "Type": "Fail"})},
    ),
    *(
        Case(
            rule="pipeline-step-closed",
            how=kind,
            good=pipeline,
            changes={BODY: pipeline_of({"Name": "Step", "Type": kind})},
        )
        for kind in ("ClarifyCheck", "QualityCheck")
    ),
)
OF_ACCOUNTS = (
    Case(rule="job-runs-on-every-change", good=model, changes={"Job": resource("AWS::SageMaker::ProcessingJob")}),
    *(
        Case(
            rule="closed-service",
            how=kind,
            good=model,
            changes={"Closed": resource(f"AWS::SageMaker::{kind}")},
        )
        for kind in (
            "DataQualityJobDefinition",
            "Device",
            "DeviceFleet",
            "HumanTaskUi",
            "ModelBiasJobDefinition",
            "ModelExplainabilityJobDefinition",
            "ModelQualityJobDefinition",
            "MonitoringSchedule",
            "Workforce",
            "Workteam",
        )
    ),
    Case(
        rule="closed-explainer",
        good=classic,
        changes={"Config/Properties/ExplainerConfig": {"ClarifyExplainerConfig": {}}},
    ),
    Case(
        rule="role-full-access",
        good=model,
        changes={
            "Role/Properties/ManagedPolicyArns": [
                {
                    "Fn::Join": [
                        "",
                        ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AmazonSageMakerFullAccess"],
                    ]
                }
            ]
        },
    ),
    Case(
        rule="accepted-for-nothing",
        good=serverless,
        changes={"Config/Metadata": {"mlstack:accepted": {"serverless-no-vpc": "we hope"}}},
    ),
    Case(
        rule="accepted-without-reason",
        good=model,
        changes={
            "Job": resource("AWS::SageMaker::ProcessingJob"),
            "Job/Metadata": {"mlstack:accepted": {"job-runs-on-every-change": " "}},
        },
    ),
)
CASES = (*OF_NOTEBOOKS, *OF_ALGORITHMS, *OF_EVENTS, *OF_WORKFLOWS, *OF_PIPELINES, *OF_ACCOUNTS)
