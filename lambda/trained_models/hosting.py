"""Deletes the endpoints that the workflow made, then their configurations, then their models."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared import clock
from shared.clearing import OutOfTimeError
from shared.sagemaker_refusal import is_gone, is_in_progress
from trained_models.belonging import Belonging
from trained_models.tagging import tags_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

logger = logging.getLogger(__name__)

UNDER_WAY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""SageMaker deletes no endpoint that is being changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hosting:
    """What of the workflow serves, or could."""

    client: "SageMakerClient"
    belonging: Belonging
    until: datetime

    def endpoints(self) -> list[str]:
        """Delete what can be deleted now, and say what is still there."""
        left = []
        for one in self._ours("endpoints", "Endpoint"):
            name, status = one["EndpointName"], one["EndpointStatus"]
            if status not in UNDER_WAY:
                status = self._delete_endpoint(name)
            left.append(f"endpoint {name} ({status})")
        return left

    def serving(self) -> set[str]:
        """What endpoints there are that are called like the stage's, of whomever."""
        return {one["EndpointName"] for one in self._named("endpoints", "Endpoint")}

    def configs(self) -> list[str]:
        """Delete the configurations, but what an endpoint of others uses: without it, nobody knows what it runs on."""
        ours = [one["EndpointConfigName"] for one in self._ours("endpoint_configs", "EndpointConfig")]
        used = self._used_configs() if ours else set()
        return self._delete("endpoint configuration", "endpoint_config", "EndpointConfigName", ours, used)

    def models(self) -> list[str]:
        """Delete the models, but what an endpoint of others serves."""
        ours = [one["ModelName"] for one in self._ours("models", "Model") if self.belonging.is_job(one["ModelName"])]
        used = self._used_models() if ours else set()
        return self._delete("model", "model", "ModelName", ours, used)

    def _delete_endpoint(self, name: str) -> str:
        try:
            self.client.delete_endpoint(EndpointName=name)
        except ClientError as error:
            if not is_gone(error) and not is_in_progress(error):
                raise
            return "changing"
        return "Deleting"

    def _delete(self, words: str, snake: str, member: str, ours: list[str], used: set[str]) -> list[str]:
        """Delete what nobody else uses; what was deleted is left until a list is without it."""
        for name in used.intersection(ours):
            logger.warning("%s %s is left: an endpoint uses it that the workflow did not make", words, name)
        doomed = [name for name in ours if name not in used]
        for name in doomed:
            self._in_time()
            try:
                getattr(self.client, f"delete_{snake}")(**{member: name})
            except ClientError as error:
                if not is_gone(error):
                    raise
        return [f"{words} {name}" for name in doomed]

    def _used_configs(self) -> set[str]:
        """The configurations of the endpoints that are left, and those that they are being given."""
        used = set()
        for one in self._named("endpoints", "Endpoint"):
            told: Any = self._described("endpoint", EndpointName=one["EndpointName"])
            coming = told.get("PendingDeploymentSummary") or {}
            used |= {told.get("EndpointConfigName"), coming.get("EndpointConfigName")}
        return {name for name in used if name}

    def _used_models(self) -> set[str]:
        """The models of those configurations."""
        used = set()
        for config in self._used_configs():
            told = self._described("endpoint_config", EndpointConfigName=config)
            variants = [*told.get("ProductionVariants", ()), *told.get("ShadowProductionVariants", ())]
            used |= {variant.get("ModelName", "") for variant in variants}
        return used

    def _described(self, snake: str, **asked: str) -> dict[str, Any]:
        try:
            told: dict[str, Any] = getattr(self.client, f"describe_{snake}")(**asked)
        except ClientError as error:
            if not is_gone(error):
                raise
            return {}
        return told

    def _ours(self, snake: str, kind: str) -> Iterator[dict[str, Any]]:
        """What is called like the stage's, and tagged as an execution's."""
        for one in list(self._named(snake, kind)):
            self._in_time()
            if self.belonging.is_made(tags_of(self.client, one[f"{kind}Arn"])):
                yield one

    def _named(self, snake: str, kind: str) -> Iterator[dict[str, Any]]:
        pages: Any = self.client.get_paginator(f"list_{snake}").paginate(NameContains=self.belonging.prefix)  # type: ignore[call-overload]  # one of three names
        found = (one for page in pages for one in page[f"{kind}s"])
        return (one for one in found if self.belonging.is_named(one[f"{kind}Name"]))

    def _in_time(self) -> None:
        if clock.now() >= self.until:
            raise OutOfTimeError
