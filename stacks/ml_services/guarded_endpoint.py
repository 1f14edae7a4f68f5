"""An endpoint on instances that changes to a new model step by step, and goes back by itself."""

from dataclasses import dataclass

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.endpoint_settings import AllAtOnce, Deployment
from stacks.ml_services.endpoint_props import VARIANT
from stacks.ml_services.guarded_deployment import guarded_deployment
from stacks.ml_services.rollback_alarms import RollbackAlarms, RollbackAlarmsProps


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardedEndpointProps:
    """The endpoint's name, what it is made of, and how that changes."""

    endpoint_name: str
    config: sagemaker.CfnEndpointConfig
    deployment: Deployment | AllAtOnce
    keeps_instances: bool
    """Whether a deployment keeps the number of instances that scaling has reached, and does not begin anew."""


class GuardedEndpoint(Construct):
    """Its alarms are made before it, by the name that it will have."""

    def __init__(self, scope: Construct, construct_id: str, props: GuardedEndpointProps) -> None:
        super().__init__(scope, construct_id)
        self.alarms = RollbackAlarms(
            self,
            "Rollback",
            RollbackAlarmsProps(
                dimensions={"EndpointName": props.endpoint_name, "VariantName": VARIANT},
                errors_a_minute=props.deployment.errors_a_minute,
                latency_ms=props.deployment.latency_ms,
            ),
        )
        self.resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            deployment_config=guarded_deployment(props.deployment, self.alarms.names),
            endpoint_config_name=props.config.attr_endpoint_config_name,
            endpoint_name=props.endpoint_name,
            retain_all_variant_properties=props.keeps_instances or None,
        )
