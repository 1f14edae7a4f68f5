"""CloudFormation as the project needs it: what moto's lacks, one module a capability."""

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel

from mlstack.local.cloudformation import (
    bucket,
    bucket_policy,
    change_set,
    engine,
    function,
    global_table,
    intrinsics,
    operation,
    queue,
    queue_policy,
    signal,
    state_machine,
    template,
)
from mlstack.local.cloudformation.auto_scaling_group import AUTO_SCALING_GROUP
from mlstack.local.cloudformation.build_project import BUILD_PROJECT
from mlstack.local.cloudformation.called import model
from mlstack.local.cloudformation.capacity_provider import CAPACITY_PROVIDERS
from mlstack.local.cloudformation.collection import COLLECTION
from mlstack.local.cloudformation.custom_resource import CustomResource
from mlstack.local.cloudformation.ecs import ECS
from mlstack.local.cloudformation.event_invoke_config import EVENT_INVOKE_CONFIG
from mlstack.local.cloudformation.firewall import FIREWALL
from mlstack.local.cloudformation.hosting import HOSTING
from mlstack.local.cloudformation.instance import INSTANCE
from mlstack.local.cloudformation.instance_profile import INSTANCE_PROFILE
from mlstack.local.cloudformation.launch_template import LAUNCH_TEMPLATE
from mlstack.local.cloudformation.listener import LISTENERS
from mlstack.local.cloudformation.load_balancer import LOAD_BALANCER
from mlstack.local.cloudformation.model_package_group import MODEL_PACKAGE_GROUP
from mlstack.local.cloudformation.monitoring import ALARM, DASHBOARD
from mlstack.local.cloudformation.notebook import NOTEBOOK
from mlstack.local.cloudformation.parameter import PARAMETER
from mlstack.local.cloudformation.permission import PERMISSION
from mlstack.local.cloudformation.pull_through import PULL_THROUGH
from mlstack.local.cloudformation.repository import REPOSITORY
from mlstack.local.cloudformation.route_table_association import ROUTE_TABLE_ASSOCIATION
from mlstack.local.cloudformation.scaling import SCALING
from mlstack.local.cloudformation.schedule import SCHEDULE
from mlstack.local.cloudformation.security_group import SECURITY_GROUP
from mlstack.local.cloudformation.security_group_rule import SECURITY_GROUP_RULES
from mlstack.local.cloudformation.skipped import Skipped
from mlstack.local.cloudformation.topic import SUBSCRIPTION, TOPIC, TOPIC_POLICY
from mlstack.local.mend import replace

PROVIDED = (
    bucket_policy.BucketPolicy,
    queue_policy.QueuePolicy,
    global_table.GlobalTable,
    CustomResource,
)
"""Types that moto does not have and that are found because they subclass its CloudFormationModel."""

KINDS = (
    ALARM,
    AUTO_SCALING_GROUP,
    BUILD_PROJECT,
    *CAPACITY_PROVIDERS,
    COLLECTION,
    DASHBOARD,
    *ECS,
    EVENT_INVOKE_CONFIG,
    *FIREWALL,
    *HOSTING,
    INSTANCE,
    INSTANCE_PROFILE,
    LAUNCH_TEMPLATE,
    *LISTENERS,
    *LOAD_BALANCER,
    MODEL_PACKAGE_GROUP,
    *NOTEBOOK,
    PARAMETER,
    PERMISSION,
    *PULL_THROUGH,
    REPOSITORY,
    ROUTE_TABLE_ASSOCIATION,
    *SCALING,
    *SCHEDULE,
    SECURITY_GROUP,
    *SECURITY_GROUP_RULES,
    SUBSCRIPTION,
    TOPIC,
    TOPIC_POLICY,
)
CALLED = {kind.type: model(kind) for kind in KINDS}
"""Types that are made by the calls of their service, whether moto has them or not."""


def mend() -> None:
    """Put everything in place; the order does not matter."""
    replace(parsing, "resource_class_from_type", resource_class_from_type)
    for part in (change_set, engine, operation, intrinsics, bucket, function, queue, signal, state_machine, template):
        part.mend()
    missing = [model.cloudformation_type() for model in PROVIDED if model not in parsing.get_model_map().values()]
    if missing:
        message = f"moto does not find the types {missing}"
        raise RuntimeError(message)


def resource_class_from_type(resource_type: str) -> type[CloudFormationModel]:
    """The class that provides a type; Skipped where nobody does."""
    if resource_type.startswith("Custom::"):
        return CustomResource
    if resource_type in parsing.NULL_MODELS:
        return Skipped
    if resource_type in CALLED:
        return CALLED[resource_type]
    return parsing.get_model_map().get(resource_type, Skipped)
