"""What the rules know of AWS, against what AWS's own models and this project's catalogue say."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from catalogue.instance_types import instance_types
from stacks.sagemaker_rules import closed_services, notebook, pipelines, published, scaling, serverless, workflows
from stacks.sagemaker_rules.events import SENT
from stacks.sagemaker_rules.hosting import Kind
from stacks.sagemaker_rules.template import NAMES

# https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html (exhaustive, says the page)
ASYNCHRONOUS = {
    ("ApproximateAgeOfOldestRequest", "EndpointName"),
    ("ApproximateBacklogSize", "EndpointName"),
    ("ApproximateBacklogSizePerInstance", "EndpointName"),
    ("HasBacklogWithoutCapacity", "EndpointName"),
    ("ExpiredRequests", "EndpointName, VariantName"),
    ("Invocation4XXErrors", "EndpointName, VariantName"),
    ("Invocation5XXErrors", "EndpointName, VariantName"),
    ("InvocationFailures", "EndpointName, VariantName"),
    ("ModelLatency", "EndpointName, VariantName"),
    ("NotificationFailures", "EndpointName, VariantName"),
    ("RequestDownloadFailures", "EndpointName, VariantName"),
    ("RequestDownloadLatency", "EndpointName, VariantName"),
    ("ResponseUploadFailures", "EndpointName, VariantName"),
    ("ResponseUploadLatency", "EndpointName, VariantName"),
    ("TimeInBacklog", "EndpointName, VariantName"),
    ("TotalProcessingTime", "EndpointName, VariantName"),
}
# https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html (exhaustive, says the page)
SERVERLESS = {
    "Invocation4XXErrors",
    "Invocation5XXErrors",
    "Invocations",
    "MemoryUtilization",
    "ModelLatency",
    "ModelSetupTime",
    "OverheadLatency",
    "ServerlessConcurrentExecutionsUtilization",
    "ServerlessProvisionedConcurrencyExecutions",
    "ServerlessProvisionedConcurrencyInvocations",
    "ServerlessProvisionedConcurrencySpilloverInvocations",
    "ServerlessProvisionedConcurrencyUtilization",
}


def rows(kind: Kind) -> list[tuple[published.Published, str]]:
    """Every metric that is published for a kind, with what is known of it."""
    return [(row, metric) for row in published.PUBLISHED if kind in row.kinds for metric in sorted(row.metrics)]


@cache
def api(service: str) -> Mapping[str, Any]:
    """The model of an AWS API that botocore ships."""
    model: Mapping[str, Any] = (
        botocore.session.get_session().get_component("data_loader").load_service_model(service, "service-2")
    )
    return model


@cache
def schema(kind: str) -> Mapping[str, Any]:
    """CloudFormation's schema of a resource type."""
    found: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return found


def test_the_calls_of_asynchronous_endpoints_are_those_of_the_page_and_its_misspelling() -> None:
    calls = {
        (metric, ", ".join(sorted(row.dimensions)))
        for row, metric in rows(Kind.ASYNCHRONOUS)
        if row.namespace == published.CALLS
    }

    assert calls >= ASYNCHRONOUS
    assert {metric for metric, _ in calls - ASYNCHRONOUS} == {"InvocationsProcessed", "InvocationsProcesssed"}


def test_the_metrics_of_serverless_endpoints_are_those_of_the_page() -> None:
    assert {metric for _, metric in rows(Kind.SERVERLESS)} == SERVERLESS


@pytest.mark.parametrize("metric", ["InvocationsPerCopy", "ConcurrentRequestsPerCopy", "NoCapacityInvocationFailures"])
def test_what_counts_by_copy_is_published_by_component_alone(metric: str) -> None:
    found = [row for row in published.PUBLISHED if metric in row.metrics]

    assert [row.dimensions for row in found] == [{"InferenceComponentName"}]
    assert [row.kinds for row in found] == [{Kind.COMPONENTS}]


def test_the_predefined_metrics_are_those_that_application_auto_scaling_has_for_sagemaker() -> None:
    shapes = api("application-autoscaling")["shapes"]

    theirs = {name for name in shapes["MetricType"]["enum"] if name.startswith("SageMaker")}

    assert set(published.PREDEFINED) == theirs
    assert {name for names in scaling.PREDEFINED_FOR.values() for name in names} == theirs


def test_the_scalable_dimensions_are_those_that_application_auto_scaling_has_for_sagemaker() -> None:
    theirs = api("application-autoscaling")["shapes"]["ScalableDimension"]["enum"]

    assert set(scaling.PREDEFINED_FOR) == {name for name in theirs if name.startswith("sagemaker:")}


def test_every_predefined_metric_stands_for_one_that_is_published() -> None:
    assert set(published.PREDEFINED.values()) <= {metric for row in published.PUBLISHED for metric in row.metrics}


def test_what_step_functions_calls_are_operations_of_sagemaker() -> None:
    operations = set(api("sagemaker")["operations"])

    assert {name[0].upper() + name[1:] for name in workflows.ACTIONS} <= operations
    assert {f"{verb}{job}" for job in workflows.JOBS.values() for verb in ("Describe", "Stop")} <= operations


def test_every_step_that_an_execution_can_report_is_known() -> None:
    reported = set(api("sagemaker")["shapes"]["PipelineExecutionStepMetadata"]["members"])
    of_jobs = {"AutoMLJob", "ProcessingJob", "TrainingJob", "TransformJob", "TuningJob"}

    steps = {name.removesuffix("Job") if name in of_jobs else name for name in reported}

    assert steps <= pipelines.STEPS


def test_what_a_serverless_variant_cannot_have_is_what_a_variant_can() -> None:
    members = set(api("sagemaker")["shapes"]["ProductionVariant"]["members"])

    assert set(serverless.OF_INSTANCES) <= members


def test_closed_types_and_named_types_are_types_of_cloudformation() -> None:
    for kind in [*closed_services.TYPES, *NAMES]:
        assert schema(kind)["typeName"] == kind
    for kind, key in NAMES.items():
        assert key in schema(kind)["properties"]


def test_the_platforms_of_notebooks_are_those_that_cloudformation_takes() -> None:
    pattern = schema("AWS::SageMaker::NotebookInstance")["properties"]["PlatformIdentifier"]["pattern"]

    assert set(re.findall(r"notebook-[a-z0-9-]+", pattern)) == {notebook.PLATFORM, *notebook.CLOSED_PLATFORMS}


def test_the_serverless_limits_are_those_that_cloudformation_knows() -> None:
    limits = schema("AWS::SageMaker::EndpointConfig")["definitions"]["ServerlessConfig"]["properties"]

    assert (limits["MaxConcurrency"]["minimum"], limits["MaxConcurrency"]["maximum"]) == (
        serverless.CONCURRENCY[0],
        serverless.CONCURRENCY[-1],
    )
    assert (limits["MemorySizeInMB"]["minimum"], limits["MemorySizeInMB"]["maximum"]) == (
        serverless.MEMORY[0],
        serverless.MEMORY[-1],
    )


def test_families_without_amazon_linux_2023_are_families_or_long_gone() -> None:
    families = {one.family for one in instance_types().values()}

    assert notebook.NOT_ON_AL2023 - families <= {"g3"}


def test_events_are_unique_and_none_is_of_a_compilation_job() -> None:
    assert len(SENT) == 58
    assert not any("Compilation" in name for name in SENT)
    assert all(name.startswith("SageMaker ") for name in SENT)
