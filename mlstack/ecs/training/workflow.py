"""A stage's training on ECS: its state machine, its buckets, and its runs."""

from dataclasses import dataclass
from typing import Any, Self

from mlstack.ecs import parameters
from mlstack.ecs.told import UnreadableError
from mlstack.ecs.training.settings import Settings
from mlstack.target import Target
from mlstack.training.runs import Commands, Runs

ON_ECS = Commands(listing="run list", follow="run follow", stop="run stop")


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflow:
    """One deployed workflow."""

    target: Target
    settings: Settings

    @classmethod
    def find(cls, target: Target) -> Self:
        """Find it; raise UserError where the stage has none, or says what cannot be read."""
        told = parameters.training(target)
        if told is None:
            raise parameters.absence(target, parameters.TRAINING)
        try:
            return cls(target=target, settings=Settings.read(told))
        except UnreadableError as error:
            raise parameters.unreadable(target, parameters.training_path(target.stage), error) from error

    @property
    def state_machine(self) -> str:
        """Its ARN."""
        return self.settings.state_machine

    @property
    def datasets_bucket(self) -> str:
        """Where data for trainings lie."""
        return self.settings.datasets

    @property
    def runs(self) -> Runs:
        """All its runs."""
        return Runs.of(self, ON_ECS)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        """The client of a service by its boto3 name."""
        return self.target.account.client(service)
