"""Application Auto Scaling as SageMaker needs it: copies of inference components, and only for what exists."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError
from moto.applicationautoscaling import models
from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeApplicationAutoscalingPolicy

from mlstack.local import runtime
from mlstack.local.mend import replace

COMPONENT = "sagemaker:inference-component:DesiredCopyCount"
UPSIDE_DOWN = "Maximum capacity cannot be less than minimum capacity"
NO_TARGET = "No scalable target registered for service namespace: {}, resource ID: {}, scalable dimension: {}"
NO_VARIANT = "The variant {variant} of endpoint {endpoint} does not exist"
RESOURCE = re.compile(
    r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)|inference-component/(?P<component>[^/]+)"
)


def mend() -> None:
    """Let moto know the dimension, keep one ARN for a policy that changes, and look at what is to scale."""
    known = {name: member.value for name, member in models.ScalableDimensionValueSet.__members__.items()}
    known["SAGEMAKER_INFERENCE_COMPONENT_DESIRED_COPY_COUNT"] = COMPONENT
    replace(models, "ScalableDimensionValueSet", Enum("ScalableDimensionValueSet", known))
    moto_register = ApplicationAutoscalingBackend.register_scalable_target
    moto_put = ApplicationAutoscalingBackend.put_scaling_policy

    def register_scalable_target(  # noqa: PLR0913, PLR0917 - moto's signature
        self: ApplicationAutoscalingBackend,
        namespace: str,
        r_id: str,
        dimension: str,
        min_capacity: int | None,
        max_capacity: int | None,
        role_arn: str,
        suspended_state: str,
    ) -> models.FakeScalableTarget:
        if namespace == "sagemaker":
            _look(r_id, self.region_name)
        if min_capacity is not None and max_capacity is not None and min_capacity > max_capacity:
            raise AWSValidationException(UPSIDE_DOWN)
        return moto_register(self, namespace, r_id, dimension, min_capacity, max_capacity, role_arn, suspended_state)

    def put_scaling_policy(  # noqa: PLR0913, PLR0917 - moto's signature
        self: ApplicationAutoscalingBackend,
        policy_name: str,
        service_namespace: str,
        resource_id: str,
        scalable_dimension: str,
        policy_body: dict[str, Any],
        policy_type: str | None,
    ) -> FakeApplicationAutoscalingPolicy:
        of = (service_namespace, resource_id, scalable_dimension)
        if not self.describe_scalable_targets(service_namespace, [resource_id], scalable_dimension):
            raise AWSValidationException(NO_TARGET.format(service_namespace, resource_id, scalable_dimension))
        before = self.policies.get(FakeApplicationAutoscalingPolicy.formulate_key(*of, policy_name))
        policy = moto_put(self, policy_name, *of, policy_body, policy_type)
        if before is not None:
            policy.policy_arn = before.policy_arn
        return policy

    replace(ApplicationAutoscalingBackend, "register_scalable_target", register_scalable_target)
    replace(ApplicationAutoscalingBackend, "put_scaling_policy", put_scaling_policy)


def _look(resource: str, region: str) -> None:
    """Raise the service's refusal where there is no such variant or component."""
    named = RESOURCE.fullmatch(resource)
    if named is None:
        return  # moto refuses it
    sagemaker = runtime.running().client("sagemaker", region)
    try:
        if named["component"]:
            sagemaker.describe_inference_component(InferenceComponentName=named["component"])
            return
        said: Mapping[str, Any] = sagemaker.describe_endpoint(EndpointName=named["endpoint"])
    except ClientError as error:
        raise AWSValidationException(str(error.response["Error"]["Message"])) from error
    if named["variant"] not in {variant["VariantName"] for variant in said.get("ProductionVariants", [])}:
        raise AWSValidationException(NO_VARIANT.format(**named.groupdict()))
