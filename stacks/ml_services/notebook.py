"""The stage's SageMaker notebook instance, which switches itself off."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from catalogue import prices
from stacks.components.acknowledgement import acknowledge
from stacks.ml_services import lifecycle_script
from stacks.ml_services.notebook_role import NotebookRole, NotebookRoleProps
from stacks.ml_services.notebook_watch import NotebookWatch, NotebookWatchProps
from stacks.ml_services.service_network import ServiceNetwork, ServiceNetworkProps
from stacks.notebook_settings import Notebook


@dataclass(frozen=True, kw_only=True, slots=True)
class NotebookStackProps:
    """The stage's name, its network and buckets where there are any, and the notebook's settings."""

    stage: str
    vpc: ec2.IVpc | None
    read: Sequence[s3.IBucket]
    write: Sequence[s3.IBucket]
    log_retention: logs.RetentionDays
    settings: Notebook


class NotebookStack(cdk.Stack):
    """An instance with an agent in it that judges whether it is used, and a function outside that watches the agent."""

    def __init__(self, scope: cdk.App, construct_id: str, props: NotebookStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack layer 2: a SageMaker notebook instance")
        settings = props.settings
        self._name = f"{settings.name_prefix}-{props.stage}"
        self.resource = self._instance(props)
        watch = NotebookWatch(
            self,
            "Watch",
            NotebookWatchProps(
                notebook_name=self._name, max_hours=settings.max_hours, log_retention=props.log_retention
            ),
        )
        watch.node.add_dependency(self.resource)
        for key, value in settings.tags.items():
            cdk.Tags.of(self.resource).add(key, value)
        self._tell(settings)

    def _instance(self, props: NotebookStackProps) -> sagemaker.CfnNotebookInstance:
        settings = props.settings
        role = None if settings.role else self._role(props)
        network = self._network(props, role)
        first, *others = settings.repositories or (None,)
        instance = sagemaker.CfnNotebookInstance(
            self,
            "Resource",
            additional_code_repositories=others or None,
            default_code_repository=first,
            direct_internet_access="Enabled" if settings.direct_internet else "Disabled",
            instance_metadata_service_configuration=(
                sagemaker.CfnNotebookInstance.InstanceMetadataServiceConfigurationProperty(
                    minimum_instance_metadata_service_version="2"
                )
            ),
            instance_type=settings.instance_type,
            kms_key_id=settings.kms_key,
            lifecycle_config_name=self._lifecycle(settings).attr_notebook_instance_lifecycle_config_name,
            notebook_instance_name=self._name,
            platform_identifier=settings.platform,
            role_arn=role.resource.role_arn if role else str(settings.role),
            root_access="Enabled" if settings.root_access else "Disabled",
            security_group_ids=network.security_group_ids if network else list(settings.security_groups) or None,
            subnet_id=network.subnet_ids[settings.zone - 1] if network else settings.subnet,
            volume_size_in_gb=settings.volume_gb,
        )
        if role:
            instance.node.add_dependency(role)  # its policy too: SageMaker uses it at once, and until the end
        if network:
            instance.node.add_dependency(network)
        if not settings.kms_key:
            acknowledge(
                instance,
                "AwsSolutions-SM2",
                "The disk is encrypted with AWS's own key, which costs nothing; a profile can name another.",
            )
        if settings.network == "sagemaker":
            acknowledge(instance, "AwsSolutions-SM1", "A profile puts it into a VPC with notebook.network.")
        if settings.direct_internet:
            acknowledge(
                instance,
                "AwsSolutions-SM3",
                "Nothing can reach it from outside but by SageMaker's signed addresses; without a way out it needs "
                "interface endpoints that bill by the hour, which a profile asks for with notebook.direct_internet.",
            )
        return instance

    def _lifecycle(self, settings: Notebook) -> sagemaker.CfnNotebookInstanceLifecycleConfig:
        hook = sagemaker.CfnNotebookInstanceLifecycleConfig.NotebookInstanceLifecycleHookProperty
        on_start = lifecycle_script.on_start(
            idle_minutes=settings.idle_minutes,
            max_hours=settings.max_hours,
            own=_text(settings.on_start),
        )
        once = _text(settings.on_create)
        return sagemaker.CfnNotebookInstanceLifecycleConfig(
            self,
            "Lifecycle",
            on_create=[hook(content=lifecycle_script.content(lifecycle_script.on_create(own=once)))] if once else None,
            on_start=[hook(content=lifecycle_script.content(on_start))],
        )

    def _role(self, props: NotebookStackProps) -> NotebookRole:
        return NotebookRole(
            self,
            "Role",
            NotebookRoleProps(
                notebook_name=self._name,
                stage=props.stage,
                read=props.read,
                write=props.write,
                in_vpc=props.settings.network != "sagemaker",
                key_arn=props.settings.kms_key,
            ),
        )

    def _network(self, props: NotebookStackProps, role: NotebookRole | None) -> ServiceNetwork | None:
        """The stage's own network, where the notebook stands in it."""
        if props.settings.network != "stage" or props.vpc is None:
            return None
        return ServiceNetwork(
            self,
            "Network",
            ServiceNetworkProps(
                vpc=props.vpc,
                role=role,
                description="From the notebook to the endpoints of the VPC",
                log_retention=props.log_retention,
            ),
        )

    def _tell(self, settings: Notebook) -> None:
        running, stopped = running_price(settings, self.region), stopped_price(settings, self.region)
        for key, value, description in (
            ("NotebookName", self.resource.attr_notebook_instance_name, "As in AWS"),
            ("RunningPrice", running, "What it costs while it runs"),
            ("StoppedPrice", stopped, "What its disk costs"),
            ("IdleMinutes", str(settings.idle_minutes), "After how many minutes without use it stops"),
            ("MaxHours", str(settings.max_hours), "After how many hours it stops in any case"),
        ):
            cdk.CfnOutput(self, key, value=value, description=description)
        cdk.Annotations.of(self).add_info_v2(
            "mlstack:price",
            f"notebook {self._name}: {running} while it runs; stops after {settings.idle_minutes} minutes without use "
            f"and after {settings.max_hours} hours in any case; stopped: {stopped}",
        )


def running_price(settings: Notebook, region: str) -> str:
    """What the instance costs by the hour, in words for people."""
    hour = prices.usd_per_hour("notebook", settings.instance_type, region)
    return f"${hour:.4g} an hour" if hour is not None else f"a price not known here for {settings.instance_type}"


def stopped_price(settings: Notebook, region: str) -> str:
    """What the disk costs by the month, in words for people."""
    month = prices.usd("notebook_storage_gb_month", region)
    if month is None:
        return f"a price not known here for {settings.volume_gb} GB"
    doubt = "" if month.verified else ", not verified"
    return f"${month.usd * settings.volume_gb:.2f} a month for {settings.volume_gb} GB{doubt}"


def _text(path: str | None) -> str | None:
    return Path(path).read_text(encoding="utf-8") if path else None
