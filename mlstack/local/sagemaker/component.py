"""Inference components: models that share an endpoint's instances, each with copies of its own, down to none."""

from collections.abc import Iterator
from threading import Thread

from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.component_record import Component, described, summary
from mlstack.local.sagemaker.endpoint import REASON, Endpoints
from mlstack.local.sagemaker.endpoint_record import CREATING, DELETING, FAILED, IN_SERVICE, UPDATING
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.hosting import Hosting
from mlstack.local.sagemaker.model import Models, containers
from mlstack.local.sagemaker.registry import INVALID, Registry, listing
from mlstack.local.sagemaker.workload import NotServedError, Workload

LOG_GROUP = "/aws/sagemaker/InferenceComponents/{name}"
NO_COPIES = "Inference components copy count an integer larger than 0"
"""AWS's own words: a component reaches no copies by being scaled in, never by being made so."""
WRONG_ENDPOINT = 'Endpoint "{arn}" cannot carry inference components: its variant has a model of its own.'


class Components:
    """The inference components of one account and region."""

    def __init__(self, hall: Hall, models: Models, endpoints: Endpoints) -> None:
        self.kept: Registry[Component] = Registry(hall.place, "inference-component", "inference component")
        self._hall = hall
        self._models = models
        self._endpoints = endpoints
        endpoints.carries = lambda name: any(True for _ in self.of(name))

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreateInferenceComponent": self._create,
            "DeleteInferenceComponent": self._delete,
            "DescribeInferenceComponent": lambda asked: described(self.kept.get(asked["InferenceComponentName"])),
            "ListInferenceComponents": self._list,
            "UpdateInferenceComponent": self._update,
            "UpdateInferenceComponentRuntimeConfig": self._set_copies,
        }

    def of(self, endpoint: str) -> Iterator[Component]:
        """The components of an endpoint."""
        return (component for component in self.kept if component.endpoint.lower() == endpoint.lower())

    def _create(self, asked: Json) -> Json:
        endpoint, name = self._endpoints.kept.get(asked["EndpointName"]), asked["InferenceComponentName"]
        if endpoint.status != IN_SERVICE:
            raise ServiceError(INVALID, f'Endpoint "{endpoint.arn}" is not InService but {endpoint.status}.')
        if endpoint.hosting is not Hosting.COMPONENTS:
            raise ServiceError(INVALID, WRONG_ENDPOINT.format(arn=endpoint.arn))
        variant = asked.get("VariantName", endpoint.variants[0].name)
        if endpoint.variant(variant) is None:
            raise ServiceError(INVALID, f'Endpoint "{endpoint.arn}" has no variant {variant}.')
        copies = asked.get("RuntimeConfig", {}).get("CopyCount", 1)
        if copies < 1:
            raise ServiceError(INVALID, NO_COPIES)
        made = Component(
            name=name,
            arn=self.kept.arn(name),
            said=asked,
            endpoint=endpoint.name,
            endpoint_arn=endpoint.arn,
            variant=variant,
            specification=self._checked(asked.get("Specification", {})),
            copies=copies,
        )
        self.kept.add(made)
        self._hall.report.endpoint(made.owner, hosting="inference component")
        Thread(target=self._bring, args=[made, made.specification, copies], daemon=True).start()
        return {"InferenceComponentArn": made.arn}

    def _checked(self, specification: Json) -> Json:
        """A specification whose model is there; ServiceError where nothing says what to run."""
        if specification.get("ModelName"):
            self._models.kept.get(specification["ModelName"])
        elif not (specification.get("Container") or {}).get("Image"):
            raise ServiceError(INVALID, "A Specification needs a ModelName or a Container with an Image.")
        return specification

    def _update(self, asked: Json) -> Json:
        component = self._idle(asked["InferenceComponentName"])
        wanted = self._checked(asked["Specification"]) if "Specification" in asked else component.specification
        copies = asked.get("RuntimeConfig", {}).get("CopyCount", component.copies)
        component.deployment = asked.get("DeploymentConfig", component.deployment)
        return self._change(component, wanted, copies)

    def _set_copies(self, asked: Json) -> Json:
        component = self._idle(asked["InferenceComponentName"])
        return self._change(component, component.specification, asked["DesiredRuntimeConfig"]["CopyCount"])

    def _change(self, component: Component, wanted: Json, copies: int) -> Json:
        component.status = UPDATING
        Thread(target=self._bring, args=[component, wanted, copies], daemon=True).start()
        return {"InferenceComponentArn": component.arn}

    def scale_out(self, name: str) -> None:
        """Give a component without copies one, as its scaling would after a minute or more."""
        with self.kept.lock:
            component = self.kept.find(name)
            if component is None or component.copies or component.status != IN_SERVICE:
                return
            component.status = UPDATING
        Thread(target=self._bring, args=[component, component.specification, 1], daemon=True).start()

    def _bring(self, component: Component, wanted: Json, copies: int) -> None:
        """The new workload takes over when it is well; else everything stays and the reason is told."""
        same = wanted == component.specification and component.workload is not None
        fresh = component.workload if same else None
        try:
            if copies and fresh is None:
                fresh = self._workload(component, wanted)
                fresh.check()
        except NotServedError as error:
            component.reason = str(error)[:REASON]
            component.status = FAILED if component.status == CREATING else IN_SERVICE
        else:
            old, component.workload = component.workload, fresh if copies else None
            component.specification, component.copies, component.reason = wanted, copies, ""
            if old is not None and old is not component.workload:
                old.stop()
            component.status = IN_SERVICE
        component.touch()

    def _workload(self, component: Component, specification: Json) -> Workload:
        if specification.get("ModelName"):
            model = self._models.kept.find(specification["ModelName"])
            if model is None:
                message = f'Could not find model "{self._models.kept.arn(specification["ModelName"])}".'
                raise NotServedError(message)
            said = containers(model.said)
        else:
            said = [specification["Container"]]
        group = LOG_GROUP.format(name=component.name)
        return Workload(self._hall, said, owner=component.owner, log_group=group, variant=component.variant)

    def _delete(self, asked: Json) -> None:
        with self.kept.lock:
            component = self._idle(asked["InferenceComponentName"])
            component.status = DELETING
        Thread(target=self._take_down, args=[component], daemon=True).start()

    def _take_down(self, component: Component) -> None:
        if component.workload is not None:
            component.workload.stop()
        self.kept.remove(component.name)

    def _idle(self, name: str) -> Component:
        component = self.kept.get(name)
        if component.status not in {IN_SERVICE, FAILED}:
            raise ServiceError(INVALID, f'Cannot change in-progress inference component "{component.arn}".')
        return component

    def _list(self, asked: Json) -> Json:
        wanted = (
            component
            for component in self.kept
            if asked.get("EndpointNameEquals", component.endpoint).lower() == component.endpoint.lower()
            and asked.get("VariantNameEquals", component.variant) == component.variant
        )
        return listing(wanted, asked, summary, "InferenceComponents")
