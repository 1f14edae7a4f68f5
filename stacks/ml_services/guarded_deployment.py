"""How an endpoint changes to a new model: step by step, watched by alarms, back by itself."""

from collections.abc import Sequence

from aws_cdk import aws_sagemaker as sagemaker

from stacks.endpoint_settings import Deployment

Config = sagemaker.CfnEndpoint.DeploymentConfigProperty
CapacitySize = sagemaker.CfnEndpoint.CapacitySizeProperty


def guarded_deployment(settings: Deployment, alarm_names: Sequence[str]) -> Config:
    """The deployment's steps, as SageMaker takes them; times there are in seconds."""
    back = sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
        alarms=[sagemaker.CfnEndpoint.AlarmProperty(alarm_name=name) for name in alarm_names]
    )
    longest = settings.max_minutes * 60
    wait = settings.wait_minutes * 60
    step = CapacitySize(type="CAPACITY_PERCENT", value=settings.step_percent)
    if settings.traffic == "rolling":
        rolling = sagemaker.CfnEndpoint.RollingUpdatePolicyProperty(
            maximum_batch_size=step, maximum_execution_timeout_in_seconds=longest, wait_interval_in_seconds=wait
        )
        return Config(auto_rollback_configuration=back, rolling_update_policy=rolling)
    traffic = sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
        canary_size=step if settings.traffic == "canary" else None,
        linear_step_size=step if settings.traffic == "linear" else None,
        type=settings.traffic.upper(),
        wait_interval_in_seconds=wait,
    )
    return Config(
        auto_rollback_configuration=back,
        blue_green_update_policy=sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
            maximum_execution_timeout_in_seconds=longest,
            termination_wait_in_seconds=settings.keep_minutes * 60,
            traffic_routing_configuration=traffic,
        ),
    )
