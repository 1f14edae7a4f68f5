"""Every AWS call of every state machine against botocore's models: service, action and parameters."""

from collections.abc import Iterator

from checks.integrations import UnknownCallError, integration
from checks.report import Finding, Report
from checks.shapes import Validator, is_jsonata
from checks.state_machines import definitions
from checks.symbols import Json
from mlstack.assembly import Assembly

# What a Map reads its items from and writes its results to is a call as well
MAP_CALLS = ("ItemReader", "ResultWriter")


def check(assembly: Assembly) -> Report:
    """Check the calls; what cannot be judged is listed, not dropped."""
    found = definitions(assembly)
    findings = [finding for definition in found for finding in definition.unreadable]
    unjudged: list[Finding] = []
    checked = 0
    for definition in found:
        for name, task in tasks(definition.body):
            place = f"{definition.place}/{name}"
            faults, why_not = judge(task)
            findings += [Finding(place, fault) for fault in faults]
            unjudged += [Finding(place, why_not)] if why_not else []
            checked += not why_not
    looked_at = {"state machines": len(found), "AWS calls": checked, "unchecked calls": len(unjudged)}
    return Report(looked_at, tuple(findings), tuple(unjudged))


def tasks(body: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Every state that calls something, by its name, those inside Map and Parallel included."""
    states = body.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if not isinstance(state, dict):
            continue
        if state.get("Type") == "Task":
            yield name, state
        for key in MAP_CALLS:
            call = state.get(key)
            if isinstance(call, dict) and "Resource" in call:
                yield f"{name}/{key}", {**call, "Own": key}
        branches = state.get("Branches")
        inner = [*(branches if isinstance(branches, list) else []), state.get("Iterator"), state.get("ItemProcessor")]
        for part in inner:
            if isinstance(part, dict):
                yield from tasks(part)


def judge(task: dict[str, Json]) -> tuple[list[str], str]:  # noqa: PLR0911 (one way out for each answer)
    """What is wrong with a task's call; and, where that cannot be told, why not."""
    resource = str(task.get("Resource", ""))
    parameters = task.get("Parameters", task.get("Arguments"))
    if "Own" in task:
        return [], f"{resource.rpartition(':::')[2]} of a Map has parameters of its own"
    try:
        called = integration(resource)
    except UnknownCallError as error:
        return [str(error)], ""
    if called is None:
        return [], f"{resource} is no service integration"
    if called.operation is None:
        return [], f"{called.name} has parameters of its own"
    if is_jsonata(parameters):
        return [], f"{called.name} takes its parameters from an expression"
    shape = called.operation.input_shape
    if shape is None:
        return ([f"{called.name} takes no parameters"] if parameters else []), ""
    if parameters is None:
        return [], f"{called.name} takes its parameters from the state's input"
    validator = Validator(called.optimised, jsonata="Arguments" in task)
    return [f"{called.name}: {fault}" for fault in validator.faults(parameters, shape)], ""
