"""Application Auto Scaling as SageMaker and ECS need it: only for what exists, and gone with all that belongs to it."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError
from moto.applicationautoscaling import models
from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeApplicationAutoscalingPolicy
from moto.core.exceptions import JsonRESTError

from mlstack.local import runtime
from mlstack.local.mend import replace
from mlstack.local.service_scaling import step
from mlstack.local.service_scaling.activity import ACTIVITIES, Target
from mlstack.local.service_scaling.service import EcsService, NoServiceError

COMPONENT = "sagemaker:inference-component:DesiredCopyCount"
UPSIDE_DOWN = "Maximum capacity cannot be less than minimum capacity"
ECS = "ecs"
NO_TARGET = "No scalable target registered for service namespace: {}, resource ID: {}, scalable dimension: {}"
NOT_FOUND = (
    "No {what} found for service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}{more}"
)
NO_VARIANT = "The variant {variant} of endpoint {endpoint} does not exist"
RESOURCE = re.compile(
    r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)|inference-component/(?P<component>[^/]+)"
)


class NotFoundError(JsonRESTError):
    """There is no such target, or no such policy of it."""

    def __init__(self, of: Target, policy: str | None = None) -> None:
        what = "scalable target" if policy is None else "scaling policy"
        more = "" if policy is None else f", policy name: {policy}"
        said = {"namespace": of.namespace, "resource": of.resource, "dimension": of.dimension}
        super().__init__("ObjectNotFoundException", NOT_FOUND.format(what=what, **said, more=more))


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
        target = moto_register(self, namespace, r_id, dimension, min_capacity, max_capacity, role_arn, suspended_state)
        if namespace == ECS:
            _comply(target, self.region_name)
        return target

    def service_exists(self: ApplicationAutoscalingBackend, r_id: str) -> bool:
        _capacity(r_id, self.region_name)
        return True

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
        trouble = step.complaint(policy_body) if policy_type == "StepScaling" else ""
        if trouble:
            raise AWSValidationException(trouble)
        before = self.policies.get(FakeApplicationAutoscalingPolicy.formulate_key(*of, policy_name))
        policy = moto_put(self, policy_name, *of, policy_body, policy_type)
        if before is not None:
            policy.policy_arn = before.policy_arn
        return policy

    replace(ApplicationAutoscalingBackend, "register_scalable_target", register_scalable_target)
    replace(ApplicationAutoscalingBackend, "put_scaling_policy", put_scaling_policy)
    replace(ApplicationAutoscalingBackend, "_ecs_service_exists_for_target", service_exists)
    _mend_deletion()


def _mend_deletion() -> None:
    """Let a target's policies and scheduled actions go with it, and what is not there be told as AWS tells it."""
    moto_deregister = ApplicationAutoscalingBackend.deregister_scalable_target
    moto_delete = ApplicationAutoscalingBackend.delete_scaling_policy

    def deregister_scalable_target(
        self: ApplicationAutoscalingBackend, namespace: str, r_id: str, dimension: str
    ) -> None:
        of = Target(namespace, r_id, dimension)
        if r_id not in self.targets.get(dimension, {}):
            raise NotFoundError(of)
        for policy in [*self.policies.values()]:
            if Target(policy.service_namespace, policy.resource_id, policy.scalable_dimension) == of:
                moto_delete(self, policy.policy_name, *of)
        for action in [*self.scheduled_actions]:
            if Target(action.service_namespace, action.resource_id, action.scalable_dimension) == of:
                self.scheduled_actions.remove(action)
        moto_deregister(self, *of)
        ACTIVITIES.forget(of)

    def delete_scaling_policy(
        self: ApplicationAutoscalingBackend,
        policy_name: str,
        service_namespace: str,
        resource_id: str,
        scalable_dimension: str,
    ) -> None:
        of = Target(service_namespace, resource_id, scalable_dimension)
        if FakeApplicationAutoscalingPolicy.formulate_key(*of, policy_name) not in self.policies:
            raise NotFoundError(of, policy_name)
        moto_delete(self, policy_name, *of)

    replace(ApplicationAutoscalingBackend, "deregister_scalable_target", deregister_scalable_target)
    replace(ApplicationAutoscalingBackend, "delete_scaling_policy", delete_scaling_policy)


def _service(resource: str, region: str) -> EcsService:
    return EcsService(resource, lambda service: runtime.running().client(service, region))


def _capacity(resource: str, region: str) -> int:
    """How many tasks a service is to have; the service's refusal where there is none."""
    try:
        return _service(resource, region).desired()
    except NoServiceError as error:
        raise AWSValidationException(str(error)) from error


def _comply(target: models.FakeScalableTarget, region: str) -> None:
    """Bring a service within the capacities that its target allows, as is done at each registration."""
    desired = _capacity(target.resource_id, region)
    wanted = step.Range(int(target.min_capacity or 0), int(target.max_capacity or 0)).within(desired)
    if wanted != desired:
        _service(target.resource_id, region).set_desired(wanted)


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
