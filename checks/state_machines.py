"""statelint over every state machine, after CloudFormation's functions in its definition are worked out."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from checks.report import Finding, Report
from checks.resolver import Resolver
from checks.symbols import Json, UnresolvableError
from mlstack.assembly import Assembly

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
# Step Functions requires it: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
UNKNOWN_TO_STATELINT = re.compile(r'Field "InputType" not allowed in .+\.ItemReader\.ReaderConfig')
SUBSTITUTE = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


@dataclass(frozen=True, slots=True)
class Definition:
    """A state machine's definition in Amazon States Language, all values known; or why it cannot be read."""

    place: str
    body: dict[str, Json]
    fault: str = ""

    @property
    def unreadable(self) -> tuple[Finding, ...]:
        """The fault as a finding, where there is one."""
        return (Finding(self.place, self.fault),) if self.fault else ()


def check(assembly: Assembly) -> Report:
    """Lint every definition."""
    found = definitions(assembly)
    findings = [finding for definition in found for finding in _faults(definition)]
    return Report({"state machines": len(found)}, tuple(findings))


def definitions(assembly: Assembly) -> list[Definition]:
    """Every state machine of the assembly."""
    return [
        _definition(f"{stack.name}/{name}", resource.get("Properties", {}), Resolver(stack, assembly))
        for stack in assembly.stacks
        for name, resource in stack.of_type(STATE_MACHINE).items()
    ]


def _definition(place: str, properties: dict[str, Any], resolver: Resolver) -> Definition:
    if "Definition" not in properties and "DefinitionString" not in properties:
        return Definition(
            place, {}, "the definition is not in the template (DefinitionS3Location), so nothing checks it"
        )
    try:
        if "Definition" in properties:
            text = json.dumps(resolver.resolve(properties["Definition"]))
        else:
            text = resolver.text(properties["DefinitionString"])
        values = resolver.resolve(properties.get("DefinitionSubstitutions", {}))
        body = json.loads(_substituted(text, values))
    except UnresolvableError as error:
        return Definition(place, {}, f"the definition cannot be worked out: {error}")
    except ValueError as error:
        return Definition(place, {}, f"the definition is no JSON: {error}")
    # statelint says nothing at all about a definition that is not an object
    return Definition(place, body) if isinstance(body, dict) else Definition(place, {}, "the definition is no object")


def _substituted(text: str, values: Json) -> str:
    known = values if isinstance(values, dict) else {}

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        return json.dumps(str(known[name]))[1:-1] if name in known else match.group(0)

    return SUBSTITUTE.sub(value, text)


def _faults(definition: Definition) -> Iterator[Finding]:
    yield from definition.unreadable
    if definition.fault:
        return
    for name in sorted(_left_over(definition.body)):
        yield Finding(definition.place, f"${{{name}}} stands for a whole value, but nothing substitutes it")
    # Imported by name, since statelint has no types. FLOAT: it refuses the BackoffRate of 2 that the CDK writes
    accepted = {import_module("statelint.problem").ProblemType.FLOAT}
    config = import_module("statelint.config").Config(ignored_problem_types=accepted)
    for problem in import_module("statelint.linter").Linter.validate(definition.body, config):
        if not UNKNOWN_TO_STATELINT.fullmatch(problem):
            yield Finding(definition.place, problem.replace(" at State Machine.", " at "))


def _left_over(value: Json) -> set[str]:
    match value:
        case dict():
            return {name for part in value.values() for name in _left_over(part)}
        case list():
            return {name for part in value for name in _left_over(part)}
        case str() if match := SUBSTITUTE.fullmatch(value):
            return {match.group(1)}
        case _:
            return set()
