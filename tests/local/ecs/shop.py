"""Makes tasks and services by ECS's own calls, and looks at them."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually

ROLE = "arn:aws:iam::123456789012:role/programs"
Json = dict[str, Any]


@dataclass
class Shop:
    """Makes tasks and services by ECS's own calls."""

    aws: LocalAws
    image: str
    cluster: str
    group: str
    services: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)

    @property
    def ecs(self) -> Any:  # noqa: ANN401 - a client
        return self.aws.client("ecs")

    @property
    def network(self) -> Json:
        """The first subnet of the account's own network."""
        [subnet, *_] = self.aws.client("ec2").describe_subnets()["Subnets"]
        return {"awsvpcConfiguration": {"subnets": [subnet["SubnetId"]], "assignPublicIp": "ENABLED"}}

    def container(self, name: str, *command: str, **more: object) -> Json:
        """A container's definition that logs."""
        logs = {
            "awslogs-group": self.group,
            "awslogs-region": self.aws.place.region,
            "awslogs-stream-prefix": "ecs",
        }
        logging = {"logDriver": "awslogs", "options": logs}
        return {"name": name, "image": self.image, "command": [*command], "logConfiguration": logging, **more}

    def asked(self, *containers: Json, **more: object) -> Json:
        """A task definition for Fargate."""
        return {
            "family": f"family-{uuid4().hex[:8]}",
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": ROLE,
            "containerDefinitions": [*containers],
            **more,
        }

    def definition(self, *containers: Json, **more: object) -> str:
        return self.registered(**self.asked(*containers, **more))

    def registered(self, **asked: object) -> str:
        """The ARN of a task definition."""
        made = self.ecs.register_task_definition(**asked)["taskDefinition"]
        self.definitions.append(made["taskDefinitionArn"])
        return str(made["taskDefinitionArn"])

    def run(self, definition: str, **more: object) -> str:
        """Run a task on Fargate; its ARN."""
        wanted = {"cluster": self.cluster, "launchType": "FARGATE", "networkConfiguration": self.network, **more}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        [made] = self.ecs.run_task(taskDefinition=definition, **wanted)["tasks"]
        return str(made["taskArn"])

    def task(self, arn: str) -> Json:
        [found] = self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"]
        return dict(found)

    def reached(self, arn: str, status: str) -> Json:
        """The task once it has come so far."""

        def look() -> Json | None:
            found = self.task(arn)
            return found if found["lastStatus"] == status else None

        return eventually(look) or {}

    def ended(self, definition: str, **more: object) -> Json:
        """A task that ends by itself, as it is told of then."""
        return self.reached(self.run(definition, **more), "STOPPED")

    def lines(self, arn: str, container: str) -> list[str]:
        """What a container of a task printed."""
        stream = f"ecs/{container}/{arn.rpartition('/')[2]}"
        logs = self.aws.client("logs")
        with suppress(ClientError):
            events = logs.get_log_events(logGroupName=self.group, logStreamName=stream)["events"]
            return [one["message"] for one in events]
        return []

    def service(self, definition: str, **more: object) -> str:
        """Create a service on Fargate; its name."""
        name = f"service-{uuid4().hex[:8]}"
        wanted = {"launchType": "FARGATE", "networkConfiguration": self.network, "desiredCount": 1, **more}
        wanted = {key: value for key, value in wanted.items() if value is not None}
        self.ecs.create_service(cluster=self.cluster, serviceName=name, taskDefinition=definition, **wanted)
        self.services.append(name)
        return name

    def described(self, name: str) -> Json:
        [found] = self.ecs.describe_services(cluster=self.cluster, services=[name])["services"]
        return dict(found)

    def steady(self, name: str) -> Json:
        """A service once it is all that was wanted."""

        def look() -> Json | None:
            found = self.described(name)
            [first, *others] = found["deployments"]
            same = found["runningCount"] == found["desiredCount"] and not others
            return found if same and first["rolloutState"] == "COMPLETED" else None

        return eventually(look, within_s=30) or {}

    def tasks_of(self, name: str) -> list[str]:
        """The tasks of a service that shall run."""
        found: list[str] = self.ecs.list_tasks(cluster=self.cluster, serviceName=name)["taskArns"]
        return found

    def close(self) -> None:
        for name in self.services:
            with suppress(ClientError):
                self.ecs.delete_service(cluster=self.cluster, service=name, force=True)
        for arn in self.ecs.list_tasks(cluster=self.cluster)["taskArns"]:
            self.ecs.stop_task(cluster=self.cluster, task=arn)

        def gone() -> bool:
            [found] = self.ecs.describe_clusters(clusters=[self.cluster])["clusters"]
            counts = (found[f"{what}Count"] for what in ("runningTasks", "pendingTasks", "activeServices"))
            return not any(counts)

        eventually(gone, within_s=30)
        for arn in self.definitions:
            self.ecs.deregister_task_definition(taskDefinition=arn)
            self.ecs.delete_task_definitions(taskDefinitions=[arn])
