"""The same, read from a synthesized template: alarms, steps, bounds, queue and task as they would be deployed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.queued.scaling import COMPARISONS, Count, Missing, Rule, Scaling, Step
from bench.queued.service import Service

METRICS: Mapping[str, Count] = {
    "ApproximateNumberOfMessagesVisible": "visible",
    "ApproximateNumberOfMessagesNotVisible": "in flight",
    "NumberOfMessagesSent": "sent",
}
PERIOD_S = 60
TREATED: Mapping[str, Missing] = {"breaching": "breaching", "notBreaching": "notBreaching"}
Resources = Mapping[str, Mapping[str, Any]]


class TemplateError(ValueError):
    """No service can be read; the message is one line with the next step."""


def deployed(assembly: Path, name: str | None = None) -> Service:
    """The service of a synthesized application, the first one where none is named; raise TemplateError without any."""
    known: list[str] = []
    for path in sorted(assembly.glob("**/*.template.json")):
        try:
            found = _services(_resources(path))
            known += found
            for family, (service_id, target_id) in found.items():
                if target_id and name in {None, family, family.rpartition("-")[2]}:
                    return _service(_resources(path), service_id, target_id, f"{path.name}, {family}")
        except (KeyError, StopIteration, TypeError, AttributeError) as error:
            message = f"{path} is not as the stack writes it ({error!r}); synthesize it again"
            raise TemplateError(message) from error
    called = f" called {name!r}" if name else ""
    others = f"; there is {', '.join(known)}" if known else "; synthesize a profile with [ecs.services.NAME]"
    message = f"{assembly} has no service{called} that scales{others}"
    raise TemplateError(message)


def _services(resources: Resources) -> Mapping[str, tuple[str, str | None]]:
    """By the family of its tasks, each service's logical id and that of what scales it."""
    targets = _of_type(resources, "AWS::ApplicationAutoScaling::ScalableTarget")
    return {
        _family(resources, service_id): (
            service_id,
            next((one for one in targets if service_id in _mentioned(targets[one]["Properties"]["ResourceId"])), None),
        )
        for service_id in _of_type(resources, "AWS::ECS::Service")
    }


def _resources(path: Path) -> Resources:
    try:
        found: Resources = json.loads(path.read_text(encoding="utf-8")).get("Resources", {})
    except (OSError, ValueError, AttributeError) as error:
        message = f"{path} is no template that can be read ({error}); synthesize it again"
        raise TemplateError(message) from error
    return found


def _service(resources: Resources, service_id: str, target_id: str, source: str) -> Service:
    task = _task(resources, service_id)
    target = resources[target_id]["Properties"]
    rules = list(_rules(resources, target_id))
    queue = _queue(resources, [alarm for _, alarm in rules])
    redrive = queue.get("RedrivePolicy", {})
    worker = _environment(task).get("CONCURRENCY", "1")
    return Service(
        source=source,
        vcpu=int(task["Cpu"]) / 1024,
        memory_gb=int(task["Memory"]) / 1024,
        architecture=str(task.get("RuntimePlatform", {}).get("CpuArchitecture", "X86_64")).casefold(),
        concurrency=int(worker),
        visibility_s=float(queue.get("VisibilityTimeout", 30)),
        receives=int(redrive.get("maxReceiveCount", 1_000_000)),
        scaling=Scaling(
            least=int(target["MinCapacity"]), most=int(target["MaxCapacity"]), rules=[rule for rule, _ in rules]
        ),
    )


def _rules(resources: Resources, target_id: str) -> Iterator[tuple[Rule, Mapping[str, Any]]]:
    """Each alarm on the queue that calls a policy of the target, and the alarm itself."""
    for policy_id, policy in _of_type(resources, "AWS::ApplicationAutoScaling::ScalingPolicy").items():
        if target_id not in _mentioned(policy["Properties"].get("ScalingTargetId", {})):
            continue
        for alarm_id, alarm in _of_type(resources, "AWS::CloudWatch::Alarm").items():
            properties = alarm["Properties"]
            if policy_id in _mentioned(properties.get("AlarmActions", [])) and _counts(properties):
                yield _rule(alarm_id, properties, policy["Properties"]["StepScalingPolicyConfiguration"]), properties


def _rule(name: str, alarm: Mapping[str, Any], policy: Mapping[str, Any]) -> Rule:
    if policy["AdjustmentType"] != "ExactCapacity" or alarm["ComparisonOperator"] not in COMPARISONS:
        message = f"{name} has a policy that is not simulated here: {policy['AdjustmentType']}"
        raise TemplateError(message)
    periods = {int(stat["MetricStat"]["Period"]) for stat in alarm.get("Metrics", []) if "MetricStat" in stat}
    if periods | {int(alarm.get("Period", PERIOD_S))} != {PERIOD_S}:
        message = f"{name} has periods of other than {PERIOD_S} seconds, which are not simulated here"
        raise TemplateError(message)
    return Rule(
        name=name,
        counts=_counts(alarm),
        comparison=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        periods=int(alarm["EvaluationPeriods"]),
        needed=int(alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])),
        missing=_missing(alarm),
        steps=[
            Step(
                lower=_bound(step, "MetricIntervalLowerBound"),
                upper=_bound(step, "MetricIntervalUpperBound"),
                tasks=int(step["ScalingAdjustment"]),
            )
            for step in policy["StepAdjustments"]
        ],
        cooldown_s=float(policy.get("Cooldown", 300)),
    )


def _counts(alarm: Mapping[str, Any]) -> frozenset[Count]:
    stats = [stat["MetricStat"]["Metric"] for stat in alarm.get("Metrics", []) if "MetricStat" in stat]
    names = {alarm.get("MetricName"), *(metric.get("MetricName") for metric in stats)}
    return frozenset(count for metric, count in METRICS.items() if metric in names)


def _missing(alarm: Mapping[str, Any]) -> Missing:
    if any("FILL(" in str(stat.get("Expression", "")).replace(" ", "") for stat in alarm.get("Metrics", [])):
        return "zero"
    treated = str(alarm.get("TreatMissingData", "missing"))
    return TREATED.get(treated, "ignore")


def _bound(step: Mapping[str, Any], name: str) -> float | None:
    return float(step[name]) if name in step else None


def _queue(resources: Resources, alarms: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    queues = _of_type(resources, "AWS::SQS::Queue")
    named = {name for alarm in alarms for name in _mentioned([alarm.get("Metrics", []), alarm.get("Dimensions", [])])}
    found: Mapping[str, Any] = next((queues[name].get("Properties", {}) for name in sorted(named & set(queues))), {})
    return found


def _task(resources: Resources, service_id: str) -> Mapping[str, Any]:
    wanted = _mentioned(resources[service_id]["Properties"]["TaskDefinition"])
    definitions = _of_type(resources, "AWS::ECS::TaskDefinition")
    found: Mapping[str, Any] = next(definitions[name]["Properties"] for name in sorted(wanted & set(definitions)))
    return found


def _family(resources: Resources, service_id: str) -> str:
    return str(_task(resources, service_id).get("Family", service_id))


def _environment(task: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        one["Name"]: str(one["Value"])
        for container in task["ContainerDefinitions"]
        for one in container.get("Environment", [])
        if isinstance(one["Value"], str | int)
    }


def _of_type(resources: Resources, kind: str) -> Resources:
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}


def _mentioned(value: object) -> set[str]:
    """The logical ids that something refers to."""
    if isinstance(value, Mapping):
        ids = {str(value["Ref"])} if "Ref" in value else set()
        if "Fn::GetAtt" in value:
            got = value["Fn::GetAtt"]
            ids.add(str(got).partition(".")[0] if isinstance(got, str) else str(got[0]))
        return ids.union(*(_mentioned(one) for one in value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return set[str]().union(*(_mentioned(one) for one in value))
    return set()
