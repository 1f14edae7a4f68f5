"""Gives an endpoint a configuration: asks how it is, decides, makes the configuration, and creates or updates."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from endpoint_change.configuration import Configuration, copied, joined, same, serverless
from endpoint_change.deciding import Action, Decision, Endpoint, EndpointFailedError, EndpointOfOthersError, decided
from shared.sagemaker_refusal import is_gone, is_in_progress, is_taken
from shared.training_run import EXECUTION_TAG, stages

if TYPE_CHECKING:
    from botocore.model import StructureShape
    from mypy_boto3_sagemaker import SageMakerClient

logger = logging.getLogger(__name__)

LOOKS = 2
"""An answer that was lost makes the repeated call meet its own effect: then the endpoint is looked at again."""


class ConfigurationTakenError(Exception):
    """Another configuration has the name that this one shall have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A model for an endpoint, by a configuration of a certain name."""

    client: "SageMakerClient"
    stage: str
    endpoint: str
    config: str
    model: str
    deploy: Mapping[str, Any]
    tags: Sequence[Mapping[str, str]]

    def make(self) -> Action:
        """Do what is left to do, and say what it is that is under way then.

        Raises:
            EndpointBusyError, EndpointFailedError, EndpointOfOthersError, NotReplaceableError, ConfigurationTakenError:
                what a person must do.
            ClientError: where AWS refuses.
        """
        for look in range(LOOKS):
            endpoint = self._described()
            tags = self._own_tags(endpoint) if endpoint else []
            decision = decided(endpoint, self.config)
            logger.info("%s: %s by %s", self.endpoint, decision.action.value, self.config)
            if decision.begun:
                return decision.action
            try:
                self._act(endpoint, decision, tags)
            except ClientError as error:
                if look + 1 == LOOKS or not (is_taken(error) or is_in_progress(error)):
                    raise
            else:
                return decision.action
        raise AssertionError

    def _act(self, endpoint: Endpoint | None, decision: Decision, tags: Sequence[Mapping[str, str]]) -> None:
        if endpoint is None:
            self._configure(serverless(self.deploy, self.model), self.tags)
            asked: dict[str, Any] = {"Tags": list(self.tags)}
            self.client.create_endpoint(EndpointName=self.endpoint, EndpointConfigName=self.config, **asked)
        elif decision.action is Action.UPDATE:
            self._configure(*self._next(endpoint, tags))
            retained = {
                "RetainDeploymentConfig": endpoint.has_deployment,
                "RetainAllVariantProperties": endpoint.has_instances,
            }
            asked = {name: True for name, wanted in retained.items() if wanted}
            self.client.update_endpoint(EndpointName=self.endpoint, EndpointConfigName=self.config, **asked)

    def _described(self) -> Endpoint | None:
        try:
            return Endpoint.read(cast("Any", self.client.describe_endpoint(EndpointName=self.endpoint)))
        except ClientError as error:
            if is_gone(error):
                return None
            raise

    def _own_tags(self, endpoint: Endpoint) -> list[dict[str, str]]:
        """The endpoint's tags, which must not name another stage: nobody is to be told to delete what is not theirs."""
        found = self._tags_of(endpoint.arn)
        others = sorted(stages({tag["Key"]: tag["Value"] for tag in found}) - {self.stage})
        if others:
            message = f"endpoint {endpoint.name} is one of stage {others[0]}, not of {self.stage}: name another"
            raise EndpointOfOthersError(message)
        return found

    def _next(
        self, endpoint: Endpoint, tags: Sequence[Mapping[str, str]]
    ) -> tuple[Configuration, Sequence[Mapping[str, str]]]:
        """The configuration and tags: an endpoint that the workflow did not make keeps what it has."""
        if any(tag["Key"] == EXECUTION_TAG for tag in tags):
            return serverless(self.deploy, self.model), self.tags
        try:
            told: Any = self.client.describe_endpoint_config(EndpointConfigName=endpoint.config)
        except ClientError as error:
            if not is_gone(error):
                raise
            message = (
                f"endpoint {endpoint.name} runs, but its configuration {endpoint.config} was deleted, so nothing can be"
                " copied from it: delete the endpoint and deploy its stack, then deploy again"
            )
            raise EndpointFailedError(message) from error
        return copied(told, self._shape, self.model), joined(self._tags_of(told["EndpointConfigArn"]), self.tags)

    def _configure(self, wanted: Configuration, tags: Sequence[Mapping[str, str]]) -> None:
        """Make the configuration, unless it is there already."""
        asked: Any = {"EndpointConfigName": self.config, **wanted, "Tags": list(tags)}
        try:
            self.client.create_endpoint_config(**asked)
        except ClientError as error:
            if not is_taken(error):
                raise
            told: Any = self.client.describe_endpoint_config(EndpointConfigName=self.config)
            if same(wanted, told, self._shape):
                return
            delete = f"aws sagemaker delete-endpoint-config --endpoint-config-name {self.config}"
            message = f"another configuration is called {self.config}: delete it with `{delete}`, then deploy again"
            raise ConfigurationTakenError(message) from error

    def _tags_of(self, arn: str) -> list[dict[str, str]]:
        pages = self.client.get_paginator("list_tags").paginate(ResourceArn=arn)
        return [{"Key": tag["Key"], "Value": tag["Value"]} for page in pages for tag in page["Tags"]]

    @property
    def _shape(self) -> "StructureShape":
        model = self.client.meta.service_model.operation_model("CreateEndpointConfig")
        return cast("StructureShape", model.input_shape)
