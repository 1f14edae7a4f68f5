"""What an account holds, asked of each service itself: a destroy is not judged by its own words."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from mlstack.local.questions import QUESTIONS, Question, asked

BOOTSTRAP = "CDKToolkit"
"""The CDK's own stack, which every deployment of an account and region shares."""


class Resource(NamedTuple):
    """One thing that exists."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What exists that AWS itself did not put there."""

    resources: tuple[Resource, ...]
    bootstrap: tuple[Resource, ...]
    """What belongs to the CDK's bootstrap stack."""


def inventory(client: Callable[[str], Any]) -> frozenset[Resource]:
    """Everything that exists now, by one list call a kind."""
    clients = {question.service: client(question.service) for question in QUESTIONS.values()}

    def ask(item: tuple[str, Question]) -> list[Resource]:
        kind, question = item
        client = clients[question.service]
        hidden = set(question.without(client)) if question.without else set()
        return [Resource(kind, name) for name in asked(client, question) if name not in hidden]

    with ThreadPoolExecutor(max_workers=4) as threads:
        return frozenset(resource for found in threads.map(ask, QUESTIONS.items()) for resource in found)


def names(client: Any, kind: str, **parameters: Any) -> list[str]:  # noqa: ANN401 - a client and what it is asked
    """The names of one kind, as the inventory has them, of what is narrowed further by ``parameters``."""
    question = QUESTIONS[kind]
    return asked(client, question._replace(parameters={**question.parameters, **parameters}))


def split(found: Iterable[Resource], bootstrap: Iterable[str] = ()) -> Leftovers:
    """What exists, apart from what belongs to the CDK's own stack, whose names ``bootstrap`` holds."""
    names = {*bootstrap, BOOTSTRAP}
    ordered = sorted(found)
    return Leftovers(
        resources=tuple(one for one in ordered if one.name not in names),
        bootstrap=tuple(one for one in ordered if one.name in names),
    )


def bootstrap_names(cloudformation: Any) -> frozenset[str]:  # noqa: ANN401 - a client
    """The physical names in the CDK's bootstrap stack; none where there is no such stack."""
    stacks = cloudformation.describe_stacks()["Stacks"]
    if BOOTSTRAP not in {stack["StackName"] for stack in stacks}:
        return frozenset()
    listed = cloudformation.describe_stack_resources(StackName=BOOTSTRAP)["StackResources"]
    return frozenset(resource["PhysicalResourceId"] for resource in listed if resource.get("PhysicalResourceId"))
