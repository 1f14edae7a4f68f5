"""A SageMaker in memory: jobs, endpoints, their configurations and models, in AWS's states and words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.functions.shared.memory import RefusalError
from tests.functions.trained_models import log_groups, registry
from tests.functions.trained_models.log_groups import LogGroups
from tests.functions.trained_models.registry import ModelRegistry

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
KINDS = {
    "TrainingJob": "training-job",
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "ProcessingJob": "processing-job",
    "CompilationJob": "compilation-job",
    "TransformJob": "transform-job",
    "Endpoint": "endpoint",
    "EndpointConfig": "endpoint-config",
    "Model": "model",
}
JOBS = [kind for kind in KINDS if kind.endswith("Job")]
RUNNING = {"InProgress", "INPROGRESS", "STARTING"}
IN_PROGRESS = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}
PAGE = 2
Json = dict[str, Any]


def invalid(message: str) -> RefusalError:
    """SageMaker's one code for most things."""
    return RefusalError("ValidationException", Error={"Code": "ValidationException", "Message": message})


@dataclass
class Thing:
    """Something with a name, a state, what was asked for, and tags."""

    name: str
    status: str = ""
    said: Json = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    ends: int = 0
    """After so many looks a job that stops has stopped, and an endpoint is what it becomes."""
    becomes: str | None = None
    """The next state; None takes it away."""


@dataclass
class SageMaker:
    """What is there, by kind and name."""

    kept: dict[str, dict[str, Thing]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    registry: ModelRegistry = field(default_factory=ModelRegistry)
    logs: LogGroups = field(default_factory=LogGroups)

    def add(self, kind: str, name: str, status: str = "", tags: Mapping[str, str] | None = None, **said: Any) -> Thing:  # noqa: ANN401 (parts of an answer)
        """Put something there."""
        thing = self.kept[kind][name] = Thing(name, status, said, dict(tags or {}))
        return thing

    def names(self, kind: str) -> list[str]:
        """What is there of a kind."""
        return list(self.kept[kind])

    def answer(self, _client: object, operation: str, asked: Mapping[str, Any]) -> Json:
        """One call, as botocore makes it."""
        if operation in log_groups.OPERATIONS:
            return self.logs.answer(operation, asked)
        if operation in registry.OPERATIONS:
            return self.registry.answer(operation, asked)
        own: Callable[[Mapping[str, Any]], Json] | None = getattr(self, f"_{operation}", None)
        if own is not None:
            return own(asked)
        for verb in ("Describe", "Stop", "Delete", "Create"):
            kind = operation.removeprefix(verb)
            if operation.startswith(verb) and kind in KINDS:
                general: Callable[[str, Mapping[str, Any]], Json] = getattr(self, f"_{verb.lower()}")
                return general(kind, asked)
        kind = operation.removeprefix("List").removesuffix("s")
        if operation.startswith("List") and kind in KINDS:
            return self._list(kind, asked)
        raise NotImplementedError(operation)

    def arn(self, kind: str, name: str) -> str:
        """SageMaker writes it in small letters."""
        return f"{ARN}:{KINDS[kind]}/{name.lower()}"

    def _get(self, kind: str, asked: Mapping[str, Any]) -> Thing:
        name = asked[f"{kind}Name"]
        if name not in self.kept[kind]:
            words = {"TrainingJob": "Requested resource not found."}
            raise invalid(words.get(kind, f'Could not find {KINDS[kind].replace("-", " ")} "{self.arn(kind, name)}".'))
        return self.kept[kind][name]

    def _go_on(self, kind: str, thing: Thing) -> None:
        if not thing.ends:
            return
        thing.ends -= 1
        if thing.ends == 0 and thing.becomes is None:
            del self.kept[kind][thing.name]
        elif thing.ends == 0:
            thing.status = str(thing.becomes)

    def _told(self, kind: str, thing: Thing) -> Json:
        return {f"{kind}Name": thing.name, f"{kind}Arn": self.arn(kind, thing.name), f"{kind}Status": thing.status}

    def _describe(self, kind: str, asked: Mapping[str, Any]) -> Json:
        thing = self._get(kind, asked)
        told = {**thing.said, **self._told(kind, thing)}
        self._go_on(kind, thing)
        return told

    def _list(self, kind: str, asked: Mapping[str, Any]) -> Json:
        things = [
            thing
            for thing in self.kept[kind].values()
            if asked.get("NameContains", "") in thing.name and asked.get("StatusEquals") in {None, thing.status}
        ]
        key = f"{kind}Summaries" if kind in JOBS else f"{kind}s"
        start = int(asked.get("NextToken", 0))
        answer: Json = {key: [self._told(kind, thing) for thing in things[start : start + PAGE]]}
        if len(things) > start + PAGE:
            return answer | {"NextToken": str(start + PAGE)}
        for thing in things:
            self._go_on(kind, thing)
        return answer

    def _stop(self, kind: str, asked: Mapping[str, Any]) -> Json:
        thing = self._get(kind, asked)
        if thing.status not in RUNNING:
            message = (
                f"The request was rejected because the {KINDS[kind].replace('-', ' ')} is in status {thing.status}."
            )
            raise invalid(message)
        upper = kind == "CompilationJob"
        thing.status, thing.ends = ("STOPPING" if upper else "Stopping"), 2
        thing.becomes = "STOPPED" if upper else "Stopped"
        return {}

    def _delete(self, kind: str, asked: Mapping[str, Any]) -> Json:
        thing = self._get(kind, asked)
        if kind == "Endpoint":
            if thing.status in IN_PROGRESS:
                message = f'Cannot update in-progress endpoint "{self.arn(kind, thing.name)}".'
                raise invalid(message)
            thing.status, thing.ends, thing.becomes = "Deleting", 2, None
        else:
            del self.kept[kind][thing.name]
        return {}

    def _create(self, kind: str, asked: Mapping[str, Any]) -> Json:
        name = asked[f"{kind}Name"]
        if name in self.kept[kind]:
            message = f'Cannot create already existing {KINDS[kind].replace("-", " ")} "{self.arn(kind, name)}".'
            raise invalid(message)
        said = {key: value for key, value in asked.items() if key != "Tags"}
        tags = {tag["Key"]: tag["Value"] for tag in asked.get("Tags", ())}
        self.add(kind, name, "Creating" if kind == "Endpoint" else "", tags, **said)
        return {f"{kind}Arn": self.arn(kind, name)}

    def _UpdateEndpoint(self, asked: Mapping[str, Any]) -> Json:  # noqa: N802 (the operation's name)
        thing = self._get("Endpoint", asked)
        if thing.status in IN_PROGRESS:
            message = f'Cannot update in-progress endpoint "{self.arn("Endpoint", thing.name)}".'
            raise invalid(message)
        thing.status = "Updating"
        thing.said["PendingDeploymentSummary"] = {"EndpointConfigName": asked["EndpointConfigName"]}
        return {"EndpointArn": self.arn("Endpoint", thing.name)}

    def _ListTags(self, asked: Mapping[str, Any]) -> Json:  # noqa: N802 (the operation's name)
        arn = asked["ResourceArn"]
        if arn.startswith(registry.ARN):
            return self.registry.tags(asked)
        for kind, things in self.kept.items():
            for name, thing in things.items():
                if self.arn(kind, name) == arn:
                    return {"Tags": [{"Key": key, "Value": value} for key, value in thing.tags.items()]}
        message = f"Could not find resource {arn}."
        raise invalid(message)
