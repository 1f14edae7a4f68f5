"""The metrics that SageMaker publishes about endpoints: where, by which dimensions, for which kind.

From the pages named below, read in November 2026. Those for asynchronous and serverless endpoints call their lists
exhaustive: what stands in neither is never published for such an endpoint.
"""

from dataclasses import dataclass

from stacks.sagemaker_rules.hosting import Kind
from stacks.sagemaker_rules.rule import guide

CALLS = "AWS/SageMaker"
MACHINES = "/aws/sagemaker/Endpoints"
COPIES = "/aws/sagemaker/InferenceComponents"
NAMESPACES = (CALLS, MACHINES, COPIES)

BY_VARIANT = frozenset({"EndpointName", "VariantName"})
BY_ENDPOINT = frozenset({"EndpointName"})
BY_COMPONENT = frozenset({"InferenceComponentName"})
FINER = frozenset({"AcceleratorId", "ContainerId", "EndpointConfigName", "InstanceId", "InstanceType"})
"""Dimensions that a metric may have besides: by instance pool, by configuration, or with enhanced metrics."""

GENERAL = guide("monitoring-cloudwatch")
ASYNCHRONOUS = guide("async-inference-monitor")
SERVERLESS = guide("serverless-endpoints-monitoring")
ZERO = guide("endpoint-auto-scaling-zero-instances")
EXPLAINED = guide("endpoint-auto-scaling-add-code-define")

ON_INSTANCES = frozenset({Kind.ASYNCHRONOUS, Kind.CLASSIC, Kind.COMPONENTS})
ANSWERING = frozenset({Kind.CLASSIC, Kind.COMPONENTS})


@dataclass(frozen=True, slots=True)
class Published:
    """Metrics that are published alike."""

    namespace: str
    dimensions: frozenset[str]
    kinds: frozenset[Kind]
    metrics: frozenset[str]
    source: str


def _all(text: str) -> frozenset[str]:
    return frozenset(text.split())


_REQUESTS = _all(
    "FirstChunkLatency FirstChunkModelLatency FirstChunkOverheadLatency Invocation4XXErrors Invocation5XXErrors "
    "InvocationModelErrors Invocations MidStreamErrors ModelLatency OverheadLatency"
)
PUBLISHED = (
    Published(
        CALLS,
        BY_VARIANT,
        ANSWERING,
        _REQUESTS | _all("ConcurrentRequestsPerModel InvocationsPerInstance"),
        GENERAL,
    ),
    Published(CALLS, BY_VARIANT, frozenset({Kind.CLASSIC}), _all("ExplanationsPerInstance"), EXPLAINED),
    Published(
        CALLS,
        BY_VARIANT,
        frozenset({Kind.CLASSIC}),
        _all("ModelCacheHit ModelDownloadingTime ModelLoadingTime ModelLoadingWaitTime ModelUnloadingTime"),
        GENERAL,
    ),
    Published(
        CALLS,
        BY_VARIANT,
        frozenset({Kind.SERVERLESS}),
        _all(
            "Invocation4XXErrors Invocation5XXErrors Invocations ModelLatency ModelSetupTime OverheadLatency "
            "ServerlessConcurrentExecutionsUtilization ServerlessProvisionedConcurrencyExecutions "
            "ServerlessProvisionedConcurrencyInvocations ServerlessProvisionedConcurrencySpilloverInvocations "
            "ServerlessProvisionedConcurrencyUtilization"
        ),
        SERVERLESS,
    ),
    Published(
        CALLS,
        BY_VARIANT,
        frozenset({Kind.ASYNCHRONOUS}),
        _all(
            "ExpiredRequests Invocation4XXErrors Invocation5XXErrors InvocationFailures InvocationsProcessed "
            "InvocationsProcesssed ModelLatency NotificationFailures RequestDownloadFailures RequestDownloadLatency "
            "ResponseUploadFailures ResponseUploadLatency TimeInBacklog TotalProcessingTime"
        ),
        ASYNCHRONOUS,
    ),
    Published(
        CALLS,
        BY_ENDPOINT,
        frozenset({Kind.ASYNCHRONOUS}),
        _all(
            "ApproximateAgeOfOldestRequest ApproximateBacklogSize ApproximateBacklogSizePerInstance "
            "HasBacklogWithoutCapacity"
        ),
        ASYNCHRONOUS,
    ),
    Published(
        CALLS,
        BY_COMPONENT,
        frozenset({Kind.COMPONENTS}),
        _REQUESTS | _all("ConcurrentRequestsPerCopy InvocationsPerCopy"),
        GENERAL,
    ),
    Published(CALLS, BY_COMPONENT, frozenset({Kind.COMPONENTS}), _all("NoCapacityInvocationFailures"), ZERO),
    Published(
        MACHINES,
        BY_VARIANT,
        ON_INSTANCES,
        _all("CPUUtilization DiskUtilization GPUMemoryUtilization GPUUtilization MemoryUtilization"),
        GENERAL,
    ),
    Published(MACHINES, BY_VARIANT, frozenset({Kind.SERVERLESS}), _all("MemoryUtilization"), SERVERLESS),
    Published(MACHINES, BY_VARIANT, frozenset({Kind.CLASSIC}), _all("LoadedModelCount"), GENERAL),
    Published(
        MACHINES,
        BY_VARIANT,
        frozenset({Kind.COMPONENTS}),
        _all(
            "CPUReservation CPUUtilizationNormalized GPUMemoryUtilizationNormalized GPUReservation "
            "GPUUtilizationNormalized MemoryReservation"
        ),
        GENERAL,
    ),
    Published(
        COPIES,
        BY_COMPONENT,
        frozenset({Kind.COMPONENTS}),
        _all(
            "CPUUtilizationNormalized GPUMemoryUtilizationNormalized GPUUtilizationNormalized "
            "MemoryUtilizationNormalized"
        ),
        GENERAL,
    ),
)
SUMS = frozenset({"Invocations", "InvocationsPerCopy", "InvocationsPerInstance"})
"""Metrics of which only the Sum means anything."""
OF_LABELLING = _all(
    "ActiveWorkers DatasetObjectsAutoAnnotated DatasetObjectsHumanAnnotated DatasetObjectsLabelingFailed JobsFailed "
    "JobsSucceeded JobsStopped TasksAccepted TasksDeclined TasksReturned TasksSubmitted TimeSpent "
    "TotalDatasetObjectsLabeled"
)
"""Metrics of Ground Truth, whose namespace AWS's page does not name."""
PREDEFINED = {
    "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution": "ConcurrentRequestsPerCopy",
    "SageMakerInferenceComponentInvocationsPerCopy": "InvocationsPerCopy",
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": "ConcurrentRequestsPerModel",
    "SageMakerVariantInvocationsPerInstance": "InvocationsPerInstance",
    "SageMakerVariantProvisionedConcurrencyUtilization": "ServerlessProvisionedConcurrencyUtilization",
}
"""The metric that a predefined one of Application Auto Scaling stands for."""
