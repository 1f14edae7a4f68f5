"""An endpoint that takes its requests from S3 and has no instance while none wait."""

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.endpoint_settings import Asynchronous
from stacks.ml_services.endpoint_props import VARIANT, EndpointProps
from stacks.ml_services.execution_role import ExecutionRole
from stacks.ml_services.guarded_endpoint import GuardedEndpoint, GuardedEndpointProps
from stacks.ml_services.idle_price import IdleUse
from stacks.ml_services.rollback_alarms import NAMESPACE
from stacks.ml_services.scaling import ALARMS_OF_A_TARGET, WakeUp, WakeUpProps, instances
from stacks.ml_services.served_model import ServedModel

Config = sagemaker.CfnEndpointConfig


def traffic_prefix(name: str) -> str:
    """Where an endpoint's requests, answers and failures lie in the bucket of kept traffic."""
    return f"asynchronous/{name}/"


class AsynchronousEndpoint(Construct):
    """Two policies: one follows the backlog down to nothing, the other wakes the first instance.

    Without the second, an endpoint at zero waits until more requests lie there than one instance is meant for.
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
    """

    kind = "asynchronous"

    def __init__(self, scope: Construct, construct_id: str, props: EndpointProps[Asynchronous]) -> None:
        super().__init__(scope, construct_id)
        self.settings = props.settings
        if props.traffic is None:
            message = f"{props.endpoint_name} needs a bucket for its requests"
            raise ValueError(message)
        settings = props.settings
        prefix = traffic_prefix(props.name)
        self.requests, self.answers, self._failures = (
            props.traffic.s3_url_for_object(f"{prefix}{part}") for part in ("requests", "answers", "failures")
        )
        self._dimensions = {"EndpointName": props.endpoint_name}
        model = ServedModel(self, "Model", props)
        _allow_traffic(model.role, props.traffic, prefix)
        config = Config(
            self,
            "Config",
            async_inference_config=self._queue(settings, self._topic(model.role) if settings.notify else None),
            kms_key_id=settings.kms_key,
            production_variants=[
                Config.ProductionVariantProperty(
                    container_startup_health_check_timeout_in_seconds=settings.startup_seconds,
                    initial_instance_count=1,  # SageMaker takes no less; the first policy ends it
                    initial_variant_weight=1,
                    instance_type=settings.instance_type,
                    model_name=model.name,
                    variant_name=VARIANT,
                )
            ],
        )
        guarded = GuardedEndpoint(
            self,
            "Asynchronous",
            GuardedEndpointProps(
                endpoint_name=props.endpoint_name, config=config, deployment=settings.deployment, keeps_instances=False
            ),
        )
        self.resource = guarded.resource
        model.keep_logs_until_after(self.resource)
        self.resource.node.add_dependency(props.traffic)  # deleted before the bucket is emptied: until then it writes
        self._scale(settings)
        self.idle = IdleUse(alarm_metrics=len(guarded.alarms.names) + ALARMS_OF_A_TARGET + 1)

    def _queue(self, settings: Asynchronous, topic: sns.Topic | None) -> Config.AsyncInferenceConfigProperty:
        told = (
            Config.AsyncInferenceNotificationConfigProperty(error_topic=topic.topic_arn, success_topic=topic.topic_arn)
            if topic
            else None
        )
        return Config.AsyncInferenceConfigProperty(
            client_config=Config.AsyncInferenceClientConfigProperty(
                max_concurrent_invocations_per_instance=settings.concurrency_per_instance
            ),
            output_config=Config.AsyncInferenceOutputConfigProperty(
                notification_config=told, s3_failure_path=self._failures, s3_output_path=self.answers
            ),
        )

    def _topic(self, role: ExecutionRole) -> sns.Topic:
        self.topic = sns.Topic(self, "Finished", enforce_ssl=True)
        role.allow(self.topic.topic_arn, "sns:Publish")
        return self.topic

    def _scale(self, settings: Asynchronous) -> None:
        """Follow the backlog, down to no instance, and start the first one as soon as something waits."""
        target = instances(self, self.resource, fewest=0, most=settings.max_instances)
        target.scale_to_track_metric(
            "Backlog",
            custom_metric=self._metric("ApproximateBacklogSizePerInstance"),
            scale_in_cooldown=cdk.Duration.minutes(settings.cooldown_minutes),
            scale_out_cooldown=cdk.Duration.minutes(5),
            target_value=settings.backlog_per_instance,
        )
        WakeUp(
            self,
            "Wake",
            WakeUpProps(
                target=target,
                metric=self._metric("HasBacklogWithoutCapacity"),
                minutes=2,
                aggregation=autoscaling.MetricAggregationType.AVERAGE,
                cooldown=cdk.Duration.minutes(5),
                description="Requests wait and there is no instance: start one",
            ),
        )

    def _metric(self, name: str) -> cloudwatch.Metric:
        """A metric of the queue, which SageMaker publishes by the endpoint's name alone."""
        return cloudwatch.Metric(
            dimensions_map=self._dimensions,
            metric_name=name,
            namespace=NAMESPACE,
            period=cdk.Duration.minutes(1),
            statistic="Average",
        )


def _allow_traffic(role: ExecutionRole, bucket: s3.IBucket, prefix: str) -> None:
    role.allow_objects(bucket, f"{prefix}requests/", "s3:GetObject")
    for part in ("answers", "failures"):
        role.allow_objects(bucket, f"{prefix}{part}/", "s3:AbortMultipartUpload", "s3:PutObject")
    role.allow(bucket.bucket_arn, "s3:ListBucket")
