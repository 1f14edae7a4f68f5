"""The stage's cluster, and the kinds of capacity that its tasks can have."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_ecs as ecs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge

FARGATE, FARGATE_SPOT = "FARGATE", "FARGATE_SPOT"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterProps:
    """What it is called."""

    name: str


class Cluster(Construct):
    """Nothing by itself: it has no instance, bills nothing, and keeps no metrics beyond those that are free."""

    def __init__(self, scope: Construct, construct_id: str, props: ClusterProps) -> None:
        super().__init__(scope, construct_id)
        self.name = props.name
        self.resource = ecs.CfnCluster(
            self,
            "Resource",
            cluster_name=props.name,
            # A shell in a container is a profile's choice; what is typed there is logged where the container logs.
            configuration=ecs.CfnCluster.ClusterConfigurationProperty(
                execute_command_configuration=ecs.CfnCluster.ExecuteCommandConfigurationProperty(logging="DEFAULT")
            ),
            cluster_settings=[ecs.CfnCluster.ClusterSettingsProperty(name="containerInsights", value="disabled")],
        )

        acknowledge(
            self.resource,
            "AwsSolutions-ECS4",
            "Container Insights bills for each metric; what a service has to do is read from its queue, for nothing.",
        )

    def associate(self, providers: Sequence[ecs.CfnCapacityProvider]) -> ecs.CfnClusterCapacityProviderAssociations:
        """Let tasks have Fargate and these; whoever runs tasks waits for it, and is deleted before it.

        The cluster goes last: it cannot be deleted while instances of a provider's group are registered in it.
        """
        association = ecs.CfnClusterCapacityProviderAssociations(
            self,
            "Capacity",
            capacity_providers=[FARGATE, FARGATE_SPOT, *(provider.ref for provider in providers)],
            cluster=self.resource.ref,
            # Nobody starts a task without saying where; if they do, it costs least.
            default_capacity_provider_strategy=[
                ecs.CfnClusterCapacityProviderAssociations.CapacityProviderStrategyProperty(
                    capacity_provider=FARGATE_SPOT, weight=1
                )
            ],
        )
        for provider in providers:
            association.add_resource_dependency(provider)
        return association
