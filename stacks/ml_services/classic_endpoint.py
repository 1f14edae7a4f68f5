"""An endpoint that answers at once, always: two instances or more, over Availability Zones."""

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.endpoint_settings import Classic
from stacks.ml_services.data_capture import data_capture
from stacks.ml_services.endpoint_props import VARIANT, EndpointProps
from stacks.ml_services.guarded_endpoint import GuardedEndpoint, GuardedEndpointProps
from stacks.ml_services.idle_price import IdleUse
from stacks.ml_services.scaling import ALARMS_OF_A_TARGET, instances
from stacks.ml_services.served_model import ServedModel


class ClassicEndpoint(Construct):
    """Scaled by requests an instance; it never goes below the instances that a profile pays for."""

    kind = "classic"

    def __init__(self, scope: Construct, construct_id: str, props: EndpointProps[Classic]) -> None:
        super().__init__(scope, construct_id)
        self.settings = props.settings
        settings = props.settings
        model = ServedModel(self, "Model", props)
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            data_capture_config=data_capture(props, settings.capture, model.role) if settings.capture else None,
            kms_key_id=settings.kms_key,
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    container_startup_health_check_timeout_in_seconds=settings.startup_seconds,
                    initial_instance_count=settings.min_instances,
                    initial_variant_weight=1,
                    instance_type=settings.instance_type,
                    model_name=model.name,
                    routing_config=sagemaker.CfnEndpointConfig.RoutingConfigProperty(
                        routing_strategy="LEAST_OUTSTANDING_REQUESTS"
                    ),
                    variant_name=VARIANT,
                )
            ],
        )
        guarded = GuardedEndpoint(
            self,
            "Classic",
            GuardedEndpointProps(
                endpoint_name=props.endpoint_name, config=config, deployment=settings.deployment, keeps_instances=True
            ),
        )
        self.resource = guarded.resource
        model.keep_logs_until_after(self.resource)
        if settings.capture and props.traffic:
            self.resource.node.add_dependency(
                props.traffic
            )  # deleted before the bucket is emptied: until then it writes
        self._scale(settings)
        self.idle = IdleUse(
            instances=settings.min_instances,
            instance_type=settings.instance_type,
            alarm_metrics=len(guarded.alarms.names) + ALARMS_OF_A_TARGET,
        )

    def _scale(self, settings: Classic) -> None:
        target = instances(self, self.resource, fewest=settings.min_instances, most=settings.max_instances)
        target.scale_to_track_metric(
            "Invocations",
            predefined_metric=autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE,
            scale_in_cooldown=cdk.Duration.minutes(settings.cooldown_minutes),
            scale_out_cooldown=cdk.Duration.minutes(1),
            target_value=settings.invocations_per_instance,
        )
