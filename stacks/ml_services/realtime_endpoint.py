"""An endpoint of inference components: answers at once while somebody asks, and goes down to no instance."""

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.endpoint_settings import Realtime
from stacks.ml_services.endpoint_props import VARIANT, EndpointProps
from stacks.ml_services.idle_price import IdleUse
from stacks.ml_services.rollback_alarms import NAMESPACE, RollbackAlarms, RollbackAlarmsProps
from stacks.ml_services.scaling import ALARMS_OF_A_TARGET, WakeUp, WakeUpProps, scaling_role
from stacks.ml_services.served_model import ServedModel

Component = sagemaker.CfnInferenceComponent
Config = sagemaker.CfnEndpointConfig
LOG_PREFIXES = ("/aws/sagemaker/Endpoints/", "/aws/sagemaker/InferenceComponents/")
DEPLOYMENT_TIMEOUT = cdk.Duration.hours(1)
WATCHED = cdk.Duration.minutes(2)
"""How long the alarms are watched after a copy changed."""


class RealtimeEndpoint(Construct):
    """Copies of the model scale to zero, and instances without copies are given back.

    The first request after that fails, starts one, and is to be asked again some minutes later.
    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
    """

    kind = "realtime"

    def __init__(self, scope: Construct, construct_id: str, props: EndpointProps[Realtime]) -> None:
        super().__init__(scope, construct_id)
        self.settings = props.settings
        settings = props.settings
        self._name = props.endpoint_name
        model = ServedModel(self, "Model", props, log_prefixes=LOG_PREFIXES)
        config = self._config(settings, model)
        # A configuration of components names no model, which would wait for these.
        config.node.add_dependency(model.role, *([model.network] if model.network else []))
        self.resource = sagemaker.CfnEndpoint(
            self, "Realtime", endpoint_config_name=config.attr_endpoint_config_name, endpoint_name=props.endpoint_name
        )
        alarms = RollbackAlarms(
            self,
            "Rollback",
            RollbackAlarmsProps(dimensions=self._dimensions, errors_a_minute=settings.errors_a_minute),
        )
        self.component = self._component(settings, model, alarms)
        model.keep_logs_until_after(self.resource)
        self._scale(settings)
        self.idle = IdleUse(alarm_metrics=len(alarms.names) + ALARMS_OF_A_TARGET + 1)

    @property
    def _dimensions(self) -> dict[str, str]:
        return {"InferenceComponentName": self._name}

    def _config(self, settings: Realtime, model: ServedModel) -> Config:
        return Config(
            self,
            "Config",
            execution_role_arn=model.role.resource.role_arn,
            kms_key_id=settings.kms_key,
            production_variants=[
                Config.ProductionVariantProperty(
                    container_startup_health_check_timeout_in_seconds=settings.startup_seconds,
                    initial_instance_count=1,  # SageMaker takes no less
                    instance_type=settings.instance_type,
                    managed_instance_scaling=Config.ManagedInstanceScalingProperty(
                        max_instance_count=settings.max_instances,
                        min_instance_count=0,
                        scale_in_policy=Config.ScaleInPolicyProperty(strategy="IDLE_RELEASE"),
                        status="ENABLED",
                    ),
                    routing_config=Config.RoutingConfigProperty(routing_strategy="LEAST_OUTSTANDING_REQUESTS"),
                    variant_name=VARIANT,
                )
            ],
            enable_network_isolation=settings.network_isolation or None,
            vpc_config=(
                Config.VpcConfigProperty(
                    security_group_ids=model.network.security_group_ids, subnets=model.network.subnet_ids
                )
                if model.network
                else None
            ),
        )

    def _component(self, settings: Realtime, model: ServedModel, alarms: RollbackAlarms) -> Component:
        return Component(
            self,
            "Component",
            deployment_config=Component.InferenceComponentDeploymentConfigProperty(
                auto_rollback_configuration=Component.AutoRollbackConfigurationProperty(
                    alarms=[Component.AlarmProperty(alarm_name=name) for name in alarms.names]
                ),
                rolling_update_policy=Component.InferenceComponentRollingUpdatePolicyProperty(
                    maximum_batch_size=Component.InferenceComponentCapacitySizeProperty(
                        type="CAPACITY_PERCENT", value=50
                    ),
                    maximum_execution_timeout_in_seconds=int(DEPLOYMENT_TIMEOUT.to_seconds()),
                    wait_interval_in_seconds=int(WATCHED.to_seconds()),
                ),
            ),
            endpoint_name=self.resource.attr_endpoint_name,
            inference_component_name=self._name,
            runtime_config=Component.InferenceComponentRuntimeConfigProperty(copy_count=1),
            specification=Component.InferenceComponentSpecificationProperty(
                compute_resource_requirements=Component.InferenceComponentComputeResourceRequirementsProperty(
                    min_memory_required_in_mb=settings.copy_memory_mb,
                    number_of_accelerator_devices_required=settings.copy_accelerators or None,
                    number_of_cpu_cores_required=settings.copy_cpus,
                ),
                model_name=model.name,
                startup_parameters=Component.InferenceComponentStartupParametersProperty(
                    container_startup_health_check_timeout_in_seconds=settings.startup_seconds
                ),
            ),
            variant_name=VARIANT,
        )

    def _scale(self, settings: Realtime) -> None:
        """Follow the requests, down to no copy, and start the first one as soon as somebody asked in vain."""
        target = scaling.ScalableTarget(
            self,
            "Copies",
            max_capacity=settings.max_copies,
            min_capacity=0,
            resource_id=f"inference-component/{self._name}",
            role=scaling_role(self),
            scalable_dimension="sagemaker:inference-component:DesiredCopyCount",
            service_namespace=scaling.ServiceNamespace.SAGEMAKER,
        )
        target.node.add_dependency(self.component)
        target.scale_to_track_metric(
            "Invocations",
            predefined_metric=scaling.PredefinedMetric.SAGEMAKER_INFERENCE_COMPONENT_INVOCATIONS_PER_COPY,
            scale_in_cooldown=cdk.Duration.minutes(settings.cooldown_minutes),
            scale_out_cooldown=cdk.Duration.minutes(1),
            target_value=settings.invocations_per_copy,
        )
        asked_in_vain = cloudwatch.Metric(
            dimensions_map=self._dimensions,
            metric_name="NoCapacityInvocationFailures",
            namespace=NAMESPACE,
            period=cdk.Duration.minutes(1),
            statistic="Sum",
        )
        WakeUp(
            self,
            "Wake",
            WakeUpProps(
                target=target,
                metric=asked_in_vain,
                minutes=1,
                aggregation=scaling.MetricAggregationType.MAXIMUM,
                cooldown=cdk.Duration.minutes(1),
                description="Somebody asked and there was no copy: start one",
            ),
        )
