"""How an endpoint changes to a new model: step by step, watched by alarms, back by itself."""

from collections.abc import Sequence

from aws_cdk import aws_sagemaker as sagemaker

from stacks.endpoint_settings import AllAtOnce, Deployment

Config = sagemaker.CfnEndpoint.DeploymentConfigProperty
CapacitySize = sagemaker.CfnEndpoint.CapacitySizeProperty


def guarded_deployment(settings: Deployment | AllAtOnce, alarm_names: Sequence[str]) -> Config:
    """The deployment's steps, as SageMaker takes them; times there are in seconds."""
    back = sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
        alarms=[sagemaker.CfnEndpoint.AlarmProperty(alarm_name=name) for name in alarm_names]
    )
    longest = settings.max_minutes * 60
    if isinstance(settings, Deployment) and settings.traffic == "rolling":
        rolling = sagemaker.CfnEndpoint.RollingUpdatePolicyProperty(
            maximum_batch_size=_step(settings),
            maximum_execution_timeout_in_seconds=longest,
            wait_interval_in_seconds=settings.wait_minutes * 60,
        )
        return Config(auto_rollback_configuration=back, rolling_update_policy=rolling)
    return Config(
        auto_rollback_configuration=back,
        blue_green_update_policy=sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
            maximum_execution_timeout_in_seconds=longest,
            termination_wait_in_seconds=settings.keep_minutes * 60,
            traffic_routing_configuration=_traffic(settings),
        ),
    )


def _traffic(settings: Deployment | AllAtOnce) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
    if not isinstance(settings, Deployment) or settings.traffic == "all_at_once":
        return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(type="ALL_AT_ONCE", wait_interval_in_seconds=0)
    step = _step(settings)
    return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
        canary_size=step if settings.traffic == "canary" else None,
        linear_step_size=step if settings.traffic == "linear" else None,
        type=settings.traffic.upper(),
        wait_interval_in_seconds=settings.wait_minutes * 60,
    )


def _step(settings: Deployment) -> CapacitySize:
    return CapacitySize(type="CAPACITY_PERCENT", value=settings.step_percent)
