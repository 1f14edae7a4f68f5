"""Endpoints: made, changed without a gap, scaled and deleted; what takes time happens in a thread, as on AWS."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker import guardrail, scaled
from mlstack.local.sagemaker.endpoint_config import EndpointConfigs
from mlstack.local.sagemaker.endpoint_record import DELETING, FAILED, IN_SERVICE, UPDATING, Endpoint, described, summary
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.hosting import Hosting, hosting
from mlstack.local.sagemaker.model import Models, containers
from mlstack.local.sagemaker.registry import INVALID, Registry, listing
from mlstack.local.sagemaker.variant import Variant, variants
from mlstack.local.sagemaker.workload import NotServedError, Workload

REASON = 1024
"""How much of a reason SageMaker tells."""


class Endpoints:
    """The endpoints of one account and region."""

    def __init__(self, hall: Hall, models: Models, configs: EndpointConfigs) -> None:
        self.kept: Registry[Endpoint] = Registry(hall.place, "endpoint", "endpoint")
        self.carries: Callable[[str], bool] = lambda _: False
        """Whether an endpoint has inference components; set by whoever keeps them."""
        self._hall = hall
        self._models = models
        self._configs = configs

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreateEndpoint": self._create,
            "DeleteEndpoint": self._delete,
            "DescribeEndpoint": lambda asked: described(self.kept.get(asked["EndpointName"])),
            "ListEndpoints": lambda asked: listing(iter(self.kept), asked, summary, "Endpoints"),
            "UpdateEndpoint": self._update,
            "UpdateEndpointWeightsAndCapacities": self._scale,
        }

    def _create(self, asked: Json) -> Json:
        config, name = self._configs.kept.get(asked["EndpointConfigName"]).said, asked["EndpointName"]
        guardrail.check(asked.get("DeploymentConfig"), self._hall.client("cloudwatch"))
        made = Endpoint(name=name, arn=self.kept.arn(name), said=asked, config=config)
        made.deployment = asked.get("DeploymentConfig")
        self.kept.add(made)
        self._hall.report.endpoint(name, hosting=made.hosting)
        self._later(self._bring_up, made)
        return {"EndpointArn": made.arn}

    def _bring_up(self, endpoint: Endpoint) -> None:
        try:
            endpoint.variants = self._start(endpoint, endpoint.config)
            endpoint.status = IN_SERVICE
        except NotServedError as error:
            endpoint.status, endpoint.reason = FAILED, str(error)[:REASON]
        endpoint.touch()

    def _start(self, endpoint: Endpoint, config: Json) -> list[Variant]:
        """The variants of a configuration, every one of them well; none is left running where one is not."""
        made: list[Variant] = []
        try:
            made = variants(config, lambda said: self._workload(endpoint, said))
            for variant in made:
                if variant.workload is not None:
                    variant.workload.check()
                    variant.workload.rest(self._hall.limits.idle_seconds if variant.serverless else None)
        except NotServedError:
            _stop(made)
            raise
        return made

    def _workload(self, endpoint: Endpoint, variant: Json) -> Workload | None:
        if not variant.get("ModelName"):
            return None
        model = self._models.kept.find(variant["ModelName"])
        if model is None:
            message = f'Could not find model "{self._models.kept.arn(variant["ModelName"])}".'
            raise NotServedError(message)
        named = variant["VariantName"]
        return Workload(
            self._hall, containers(model.said), owner=endpoint.name, log_group=endpoint.log_group, variant=named
        )

    def _update(self, asked: Json) -> Json:
        with self.kept.lock:
            endpoint = self._idle(asked["EndpointName"], "update")
            config = self._configs.kept.get(asked["EndpointConfigName"]).said
            before, after = endpoint.hosting, hosting(config)
            if after is Hosting.SERVERLESS and before is not Hosting.SERVERLESS:
                raise ServiceError(INVALID, "An instance-based endpoint cannot be changed to a serverless endpoint.")
            if self.carries(endpoint.name) and after is not Hosting.COMPONENTS:
                raise ServiceError(INVALID, "The endpoint has inference components; delete them first.")
            scaled.check(endpoint.name, endpoint.config, config, self._hall.client("application-autoscaling"))
            guardrail.check(asked.get("DeploymentConfig"), self._hall.client("cloudwatch"))
            endpoint.status = UPDATING
        if not asked.get("RetainDeploymentConfig"):
            endpoint.deployment = asked.get("DeploymentConfig")
        self._later(self._swap, endpoint, config)
        return {"EndpointArn": endpoint.arn}

    def _swap(self, endpoint: Endpoint, config: Json) -> None:
        """The new containers take over when they are well; else the old ones stay and the reason is told."""
        try:
            made = self._start(endpoint, config)
            self._listen(endpoint, made)
        except NotServedError as error:
            endpoint.reason = str(error)[:REASON]
        else:
            old, endpoint.variants = endpoint.variants, made
            endpoint.config, endpoint.reason = config, ""
            endpoint.said = {**endpoint.said, "EndpointConfigName": config["EndpointConfigName"]}
            self._hall.report.endpoint(endpoint.name, hosting=endpoint.hosting)
            _stop(old)
        endpoint.status = IN_SERVICE if endpoint.variants else FAILED
        endpoint.touch()

    def _listen(self, endpoint: Endpoint, made: list[Variant]) -> None:
        """Raise NotServedError, and end what was made, where an alarm of the deployment rings."""
        why = guardrail.alarmed(endpoint.deployment, self._hall.client("cloudwatch"))
        if why:
            _stop(made)
            raise NotServedError(why)

    def _scale(self, asked: Json) -> Json:
        with self.kept.lock:
            endpoint = self._idle(asked["EndpointName"], "update")
            for wanted in asked["DesiredWeightsAndCapacities"]:
                if endpoint.variant(wanted["VariantName"]) is None:
                    message = f'The variant name(s) "{wanted["VariantName"]}" is/are not present within endpoint.'
                    raise ServiceError(INVALID, message)
            endpoint.status = UPDATING
        self._later(self._resize, endpoint, asked["DesiredWeightsAndCapacities"])
        return {"EndpointArn": endpoint.arn}

    def _resize(self, endpoint: Endpoint, wanted: list[Json]) -> None:
        for one in wanted:
            variant = endpoint.variant(one["VariantName"])
            if variant is not None:
                variant.weight = float(one.get("DesiredWeight", variant.weight))
                self.resize(variant, int(one.get("DesiredInstanceCount", variant.count)))
        endpoint.status = IN_SERVICE
        endpoint.touch()

    @staticmethod
    def resize(variant: Variant, count: int) -> None:
        """Give a variant so many instances; the first brings its container, with none it goes."""
        if variant.workload is not None:
            if count == 0:
                variant.workload.stop()
            elif variant.count == 0:
                variant.workload.check()
        variant.count = count

    def _delete(self, asked: Json) -> None:
        with self.kept.lock:
            endpoint = self._idle(asked["EndpointName"], "delete")
            if self.carries(endpoint.name):
                message = f'Cannot delete endpoint "{endpoint.arn}" while it has inference components.'
                raise ServiceError(INVALID, message)
            endpoint.status = DELETING
        self._later(self._take_down, endpoint)

    def _take_down(self, endpoint: Endpoint) -> None:
        _stop(endpoint.variants)
        self.kept.remove(endpoint.name)

    def _idle(self, name: str, verb: str) -> Endpoint:
        endpoint = self.kept.get(name)
        if endpoint.status not in {IN_SERVICE, FAILED} or (verb == "update" and endpoint.status == FAILED):
            state = "in-progress" if endpoint.status != FAILED else "failed"
            raise ServiceError(INVALID, f'Cannot {verb} {state} endpoint "{endpoint.arn}".')
        return endpoint

    @staticmethod
    def _later(work: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401 - whatever the work takes
        Thread(target=work, args=arguments, daemon=True).start()


def _stop(old: list[Variant]) -> None:
    for variant in old:
        if variant.workload is not None:
            variant.workload.stop()
