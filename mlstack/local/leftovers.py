"""What an account holds, asked of each service itself: a destroy is not judged by its own words."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import jmespath  # type: ignore[import-untyped]  # it has no types; botocore brings it

BOOTSTRAP = "CDKToolkit"
"""The CDK's own stack, which every deployment of an account and region shares."""

RUNNING = ("InProgress", "Stopping", "STARTING", "INPROGRESS", "STOPPING")
"""A job's status while it costs; compilation jobs shout theirs."""

JOB_LOGS = tuple(f"/aws/sagemaker/{kind}Jobs" for kind in ("Compilation", "Processing", "Training", "Transform"))
"""The log groups that SageMaker makes for all jobs of an account."""


class Resource(NamedTuple):
    """One thing that exists."""

    kind: str
    name: str


class Question(NamedTuple):
    """A list call and where its answer names what exists; ``parameters`` narrow it to what people make."""

    service: str
    operation: str
    path: str
    parameters: Mapping[str, Any] = {}
    without: Callable[[Any], Iterable[str]] | None = None
    """Asks a client for the names that are AWS's own and not counted."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What exists that AWS itself did not put there."""

    resources: tuple[Resource, ...]
    bootstrap: tuple[Resource, ...]
    """What belongs to the CDK's bootstrap stack."""


def _job(operation: str, listed: str, kind: str) -> Question:
    """The jobs of a kind that run: those that ended are history, cost nothing and cannot be deleted."""
    running = " || ".join(f"{kind}Status=='{status}'" for status in RUNNING)
    return Question("sagemaker", operation, f"{listed}[?{running}].{kind}Name")


def _own_keys(kms: Any) -> list[str]:  # noqa: ANN401 - a client
    """The keys that AWS manages."""
    return _names(kms, Question("kms", "list_aliases", "Aliases[?starts_with(AliasName, 'alias/aws/')].TargetKeyId"))


def _empty_job_logs(logs: Any) -> list[str]:  # noqa: ANN401 - a client
    """The groups for all jobs in which nothing is: nobody's, for nothing; a stream in one is somebody's, and billed."""
    groups = Question(
        "logs", "describe_log_groups", "logGroups[].logGroupName", {"logGroupNamePrefix": "/aws/sagemaker/"}
    )
    streams = Question("logs", "describe_log_streams", "logStreams[].logStreamName")
    there = [name for name in _names(logs, groups) if name in JOB_LOGS]
    return [name for name in there if not _names(logs, streams._replace(parameters={"logGroupName": name}))]


QUESTIONS: dict[str, Question] = {
    "bucket": Question("s3", "list_buckets", "Buckets[].Name"),
    "table": Question("dynamodb", "list_tables", "TableNames[]"),
    "queue": Question("sqs", "list_queues", "QueueUrls[]"),
    "function": Question("lambda", "list_functions", "Functions[].FunctionName"),
    "event source mapping": Question("lambda", "list_event_source_mappings", "EventSourceMappings[].UUID"),
    "log group": Question("logs", "describe_log_groups", "logGroups[].logGroupName", without=_empty_job_logs),
    "event rule": Question("events", "list_rules", "Rules[].Name"),
    "role": Question("iam", "list_roles", "Roles[?!starts_with(Path, '/aws-service-role/')].RoleName"),
    "policy": Question("iam", "list_policies", "Policies[].Arn", {"Scope": "Local"}),
    "network": Question("ec2", "describe_vpcs", "Vpcs[?!IsDefault].VpcId"),
    "network endpoint": Question("ec2", "describe_vpc_endpoints", "VpcEndpoints[?State!='deleted'].VpcEndpointId"),
    "internet gateway": Question("ec2", "describe_internet_gateways", "InternetGateways[].InternetGatewayId"),
    "NAT gateway": Question("ec2", "describe_nat_gateways", "NatGateways[?State!='deleted'].NatGatewayId"),
    "address": Question("ec2", "describe_addresses", "Addresses[].AllocationId"),
    "security group": Question("ec2", "describe_security_groups", "SecurityGroups[?GroupName!='default'].GroupId"),
    "flow log": Question("ec2", "describe_flow_logs", "FlowLogs[].FlowLogId"),
    "instance": Question(
        "ec2", "describe_instances", "Reservations[].Instances[?State.Name!='terminated'].InstanceId[]"
    ),
    "volume": Question("ec2", "describe_volumes", "Volumes[].VolumeId"),
    "launch template": Question("ec2", "describe_launch_templates", "LaunchTemplates[].LaunchTemplateId"),
    "spot request": Question(
        "ec2",
        "describe_spot_instance_requests",
        "SpotInstanceRequests[?State=='open' || State=='active' || State=='disabled'].SpotInstanceRequestId",
    ),
    "instance profile": Question("iam", "list_instance_profiles", "InstanceProfiles[].InstanceProfileName"),
    "schedule": Question("scheduler", "list_schedules", "Schedules[].Name"),
    "schedule group": Question("scheduler", "list_schedule_groups", "ScheduleGroups[?Name!='default'].Name"),
    "repository": Question("ecr", "describe_repositories", "repositories[].repositoryName"),
    "parameter": Question("ssm", "describe_parameters", "Parameters[?!starts_with(Name, '/aws/')].Name"),
    "collection": Question("rekognition", "list_collections", "CollectionIds[]"),
    "alarm": Question("cloudwatch", "describe_alarms", "[MetricAlarms[].AlarmName, CompositeAlarms[].AlarmName][]"),
    "dashboard": Question("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName"),
    "subscription": Question("sns", "list_subscriptions", "Subscriptions[].SubscriptionArn"),
    "topic": Question("sns", "list_topics", "Topics[].TopicArn"),
    "state machine": Question("stepfunctions", "list_state_machines", "stateMachines[].name"),
    "key": Question("kms", "list_keys", "Keys[].KeyId", without=_own_keys),
    "notebook": Question("sagemaker", "list_notebook_instances", "NotebookInstances[].NotebookInstanceName"),
    "endpoint": Question("sagemaker", "list_endpoints", "Endpoints[].EndpointName"),
    "endpoint configuration": Question("sagemaker", "list_endpoint_configs", "EndpointConfigs[].EndpointConfigName"),
    "inference component": Question(
        "sagemaker", "list_inference_components", "InferenceComponents[].InferenceComponentName"
    ),
    "model": Question("sagemaker", "list_models", "Models[].ModelName"),
    "model package group": Question(
        "sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList[].ModelPackageGroupName"
    ),
    "model package": Question(
        "sagemaker",
        "list_model_packages",
        "ModelPackageSummaryList[].ModelPackageArn",
        {"ModelPackageType": "Both"},
    ),
    "training job": _job("list_training_jobs", "TrainingJobSummaries", "TrainingJob"),
    "tuning job": _job(
        "list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries", "HyperParameterTuningJob"
    ),
    "processing job": _job("list_processing_jobs", "ProcessingJobSummaries", "ProcessingJob"),
    "transform job": _job("list_transform_jobs", "TransformJobSummaries", "TransformJob"),
    "compilation job": _job("list_compilation_jobs", "CompilationJobSummaries", "CompilationJob"),
    "lifecycle configuration": Question(
        "sagemaker",
        "list_notebook_instance_lifecycle_configs",
        "NotebookInstanceLifecycleConfigs[].NotebookInstanceLifecycleConfigName",
    ),
    "code repository": Question(
        "sagemaker", "list_code_repositories", "CodeRepositorySummaryList[].CodeRepositoryName"
    ),
    "scalable target": Question(
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets[].ResourceId",
        {"ServiceNamespace": "sagemaker"},
    ),
    "build project": Question("codebuild", "list_projects", "projects[]"),
    "stack": Question("cloudformation", "describe_stacks", "Stacks[].StackName"),
}
"""How to ask for what the project's stacks can make; the answer is empty in an account that nobody has used.

Subnets and routes are not asked for: a network cannot go before them.
"""


def inventory(client: Callable[[str], Any]) -> frozenset[Resource]:
    """Everything that exists now, by one list call a kind."""
    clients = {question.service: client(question.service) for question in QUESTIONS.values()}

    def ask(item: tuple[str, Question]) -> list[Resource]:
        kind, question = item
        client = clients[question.service]
        hidden = set(question.without(client)) if question.without else set()
        return [Resource(kind, name) for name in _names(client, question) if name not in hidden]

    with ThreadPoolExecutor(max_workers=4) as threads:
        return frozenset(resource for found in threads.map(ask, QUESTIONS.items()) for resource in found)


def names(client: Any, kind: str, **parameters: Any) -> list[str]:  # noqa: ANN401 - a client and what it is asked
    """The names of one kind, as the inventory has them, of what is narrowed further by ``parameters``."""
    question = QUESTIONS[kind]
    return _names(client, question._replace(parameters={**question.parameters, **parameters}))


def split(found: Iterable[Resource], bootstrap: Iterable[str] = ()) -> Leftovers:
    """What exists, apart from what belongs to the CDK's own stack, whose names ``bootstrap`` holds."""
    names = {*bootstrap, BOOTSTRAP}
    ordered = sorted(found)
    return Leftovers(
        resources=tuple(one for one in ordered if one.name not in names),
        bootstrap=tuple(one for one in ordered if one.name in names),
    )


def bootstrap_names(cloudformation: Any) -> frozenset[str]:  # noqa: ANN401 - a client
    """The physical names in the CDK's bootstrap stack; none where there is no such stack."""
    stacks = cloudformation.describe_stacks()["Stacks"]
    if BOOTSTRAP not in {stack["StackName"] for stack in stacks}:
        return frozenset()
    listed = cloudformation.describe_stack_resources(StackName=BOOTSTRAP)["StackResources"]
    return frozenset(resource["PhysicalResourceId"] for resource in listed if resource.get("PhysicalResourceId"))


def _names(client: Any, question: Question) -> list[str]:  # noqa: ANN401 - a client
    if client.can_paginate(question.operation):
        pages = client.get_paginator(question.operation).paginate(**question.parameters)
    else:
        pages = [getattr(client, question.operation)(**question.parameters)]
    return [str(name) for page in pages for name in jmespath.search(question.path, page) or ()]
