"""A model and the container that serves it, with the role and the logs of its one endpoint."""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.endpoint_settings import Endpoint, OnInstances
from stacks.ml_services.endpoint_props import EndpointProps, SettingsT
from stacks.ml_services.execution_role import ExecutionRole, ExecutionRoleProps
from stacks.ml_services.service_network import ServiceNetwork, ServiceNetworkProps
from stacks.sagemaker_values import OWN_IMAGES

STARTER = Path(__file__).resolve().parents[2] / "containers" / "inference" / "starter" / "model.tar.gz"


class ServedModel(Construct):
    """The model's name is generated, so that every change makes a new one and an endpoint can go back to the old."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        props: EndpointProps[SettingsT],
        *,
        log_prefixes: Sequence[str] = ("/aws/sagemaker/Endpoints/",),
    ) -> None:
        super().__init__(scope, construct_id)
        url, arn = self._data(props.settings.model)
        instances = props.settings if isinstance(props.settings, OnInstances) else None
        vpc = props.vpc if instances and instances.vpc else None
        # SageMaker would make them itself, never to expire and to outlive the stack.
        self.log_groups = [
            logs.LogGroup(
                self,
                prefix.rstrip("/").rpartition("/")[2],
                log_group_name=f"{prefix}{props.endpoint_name}",
                removal_policy=cdk.RemovalPolicy.DESTROY,
                retention=props.log_retention,
            )
            for prefix in log_prefixes
        ]
        self.role = ExecutionRole(
            self,
            "Role",
            ExecutionRoleProps(
                description=f"What the endpoint {props.endpoint_name} may do",
                repository_arn=props.image.repository_arn,
                model_arn=arn,
                log_groups=self.log_groups,
                in_vpc=vpc is not None,
                key_arn=instances.kms_key if instances else None,
                watched=instances is not None,
            ),
        )
        self.network = self._network(vpc, props.log_retention) if vpc else None
        self.resource = sagemaker.CfnModel(
            self,
            "Resource",
            enable_network_isolation=True if instances and instances.network_isolation else None,
            execution_role_arn=self.role.resource.role_arn,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                environment=_environment(props.settings) or None, image=props.image.uri, model_data_url=url
            ),
            vpc_config=(
                sagemaker.CfnModel.VpcConfigProperty(
                    security_group_ids=self.network.security_group_ids, subnets=self.network.subnet_ids
                )
                if self.network
                else None
            ),
        )
        self.resource.node.add_dependency(self.role)  # SageMaker tries the role's permissions at once
        if self.network:
            self.resource.node.add_dependency(self.network)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.resource.attr_model_name

    def keep_logs_until_after(self, endpoint: Construct) -> None:
        """Delete the log groups after the endpoint: a container that still wrote would make one again."""
        for group in self.log_groups:
            endpoint.node.add_dependency(group)

    def _network(self, vpc: ec2.IVpc, log_retention: logs.RetentionDays) -> ServiceNetwork:
        return ServiceNetwork(
            self,
            "Network",
            ServiceNetworkProps(
                vpc=vpc,
                role=self.role,
                description="From the container of a model to the endpoints of the VPC",
                log_retention=log_retention,
            ),
        )

    def _data(self, model: str) -> tuple[str | None, str | None]:
        """Where the model's archive lies, and what a role must be allowed to read for it: its whole folder.

        CloudFormation changes the role before the endpoint moves, and an endpoint that goes back, or wakes meanwhile,
        reads the model that it had.
        """
        if model == "none":
            return None, None
        if model == "starter":
            asset = assets.Asset(self, "Starter", path=str(STARTER))
            return asset.s3_object_url, asset.bucket.arn_for_objects("*.gz")
        bucket, _, key = model.removeprefix("s3://").partition("/")
        folder = "".join(key.rpartition("/")[:2])
        arn = cdk.Stack.of(self).format_arn(
            service="s3", region="", account="", resource=bucket, resource_name=f"{folder}*.tar.gz"
        )
        return model, arn


def _environment(settings: Endpoint) -> dict[str, str]:
    """The variables of the container; the project's own image is told how large a request can be."""
    ours = {"INFERENCE_MAX_BYTES": str(settings.LARGEST_REQUEST)} if settings.image in OWN_IMAGES else {}
    return {**ours, **settings.environment}
