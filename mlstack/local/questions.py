"""What every service is asked for to know what an account holds."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import jmespath  # type: ignore[import-untyped]  # it has no types; botocore brings it

RUNNING = ("InProgress", "Stopping", "STARTING", "INPROGRESS", "STOPPING")
"""A job's status while it costs; compilation jobs shout theirs."""

JOB_LOGS = tuple(f"/aws/sagemaker/{kind}Jobs" for kind in ("Compilation", "Processing", "Training", "Transform"))
"""The log groups that SageMaker makes for all jobs of an account."""


class Question(NamedTuple):
    """A list call and where its answer names what exists; ``parameters`` narrow it to what people make."""

    service: str
    operation: str
    path: str
    parameters: Mapping[str, Any] = {}
    without: Callable[[Any], Iterable[str]] | None = None
    """Asks a client for the names that are AWS's own and not counted."""
    each: Callable[[Any], Iterable[Mapping[str, Any]]] | None = None
    """Asks a client for what to ask about, one by one: the parameters of each."""


def asked(client: Any, question: Question) -> list[str]:  # noqa: ANN401 - a client
    """The names that a question has for an answer, from all of its pages."""
    if question.each is not None:
        narrower = [
            question._replace(parameters={**question.parameters, **one}, each=None) for one in question.each(client)
        ]
        return [name for one in narrower for name in asked(client, one)]
    if client.can_paginate(question.operation):
        pages = client.get_paginator(question.operation).paginate(**question.parameters)
    else:
        pages = [getattr(client, question.operation)(**question.parameters)]
    return [str(name) for page in pages for name in jmespath.search(question.path, page) or ()]


def _job(operation: str, listed: str, kind: str) -> Question:
    """The jobs of a kind that run: those that ended are history, cost nothing and cannot be deleted."""
    running = " || ".join(f"{kind}Status=='{status}'" for status in RUNNING)
    return Question("sagemaker", operation, f"{listed}[?{running}].{kind}Name")


def _own_keys(kms: Any) -> list[str]:  # noqa: ANN401 - a client
    """The keys that AWS manages."""
    return asked(kms, Question("kms", "list_aliases", "Aliases[?starts_with(AliasName, 'alias/aws/')].TargetKeyId"))


def _clusters(ecs: Any) -> list[dict[str, str]]:  # noqa: ANN401 - a client
    """The clusters, for what ECS tells of one at a time."""
    return [{"cluster": arn} for arn in asked(ecs, Question("ecs", "list_clusters", "clusterArns[]"))]


def _empty_job_logs(logs: Any) -> list[str]:  # noqa: ANN401 - a client
    """The groups for all jobs in which nothing is: nobody's, for nothing; a stream in one is somebody's, and billed."""
    groups = Question(
        "logs", "describe_log_groups", "logGroups[].logGroupName", {"logGroupNamePrefix": "/aws/sagemaker/"}
    )
    streams = Question("logs", "describe_log_streams", "logStreams[].logStreamName")
    there = [name for name in asked(logs, groups) if name in JOB_LOGS]
    return [name for name in there if not asked(logs, streams._replace(parameters={"logGroupName": name}))]


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
    "pull-through rule": Question(
        "ecr", "describe_pull_through_cache_rules", "pullThroughCacheRules[].ecrRepositoryPrefix"
    ),
    "repository template": Question(
        "ecr", "describe_repository_creation_templates", "repositoryCreationTemplates[].prefix"
    ),
    "parameter": Question("ssm", "describe_parameters", "Parameters[?!starts_with(Name, '/aws/')].Name"),
    "collection": Question("rekognition", "list_collections", "CollectionIds[]"),
    "alarm": Question("cloudwatch", "describe_alarms", "[MetricAlarms[].AlarmName, CompositeAlarms[].AlarmName][]"),
    "dashboard": Question("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName"),
    "subscription": Question("sns", "list_subscriptions", "Subscriptions[].SubscriptionArn"),
    "topic": Question("sns", "list_topics", "Topics[].TopicArn"),
    "state machine": Question("stepfunctions", "list_state_machines", "stateMachines[].name"),
    "key": Question("kms", "list_keys", "Keys[].KeyId", without=_own_keys),
    "cluster": Question("ecs", "list_clusters", "clusterArns[]"),
    "service": Question("ecs", "list_services", "serviceArns[]", each=_clusters),
    "task": Question("ecs", "list_tasks", "taskArns[]", each=_clusters),
    "container instance": Question("ecs", "list_container_instances", "containerInstanceArns[]", each=_clusters),
    "task definition": Question("ecs", "list_task_definitions", "taskDefinitionArns[]", {"status": "ACTIVE"}),
    "capacity provider": Question(
        "ecs",
        "describe_capacity_providers",
        "capacityProviders[?status!='INACTIVE' && name!='FARGATE' && name!='FARGATE_SPOT'].name",
    ),
    "Auto Scaling group": Question(
        "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups[].AutoScalingGroupName"
    ),
    "load balancer": Question("elbv2", "describe_load_balancers", "LoadBalancers[].LoadBalancerArn"),
    "target group": Question("elbv2", "describe_target_groups", "TargetGroups[].TargetGroupArn"),
    "trust store": Question("elbv2", "describe_trust_stores", "TrustStores[].TrustStoreArn"),
    "web ACL": Question("wafv2", "list_web_acls", "WebACLs[].join('|', [Name, Id, 'REGIONAL'])", {"Scope": "REGIONAL"}),
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
    "scalable service": Question(
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets[].ResourceId",
        {"ServiceNamespace": "ecs"},
    ),
    "build project": Question("codebuild", "list_projects", "projects[]"),
    "stack": Question("cloudformation", "describe_stacks", "Stacks[].StackName"),
}
"""How to ask for what the project's stacks can make; the answer is empty in an account that nobody has used.

Subnets and routes are not asked for: a network cannot go before them.
"""
