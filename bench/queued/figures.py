"""What a month comes to: how long requests waited, what ran, and what it costs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.queued.account import Case, Outcome
from bench.queued.assumptions import HOUR, Assumptions
from bench.queued.months import Request
from bench.queued.policies import Policy, instance_usd_per_hour, kept_usd, policies, task_usd_per_hour
from bench.queued.service import Service
from bench.queued.simulation import Simulation

LEAST_BILLED_S = 60
MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one month of 30 days; USD by the list prices of us-east-1."""

    requests: int
    answered: int
    dead_letters: int
    wait_p50_s: float | None
    """From the object in S3 until its answer lies there; None where nothing was answered."""
    wait_p95_s: float | None
    wait_max_s: float | None
    wakes: int
    task_hours: float
    instance_hours: float
    interruptions: int
    given_back: int
    usd: float
    usd_per_1000: float | None
    ratio: float
    """Of the first policy's USD."""


def measure(
    requests: Sequence[Request], service: Service, assumed: Assumptions, seed: int = 0
) -> Mapping[str, Figures]:
    """The same month under every policy."""
    found: dict[str, Figures] = {}
    against: float | None = None
    for policy in policies(service, assumed):
        case = Case(requests=requests, service=service, policy=policy, assumed=assumed, seed=str(seed))
        outcome = Simulation(case).run()
        cost = usd(outcome, policy, service, assumed)
        against = cost if against is None else against
        found[policy.name] = figures(outcome, cost, against)
    return found


def figures(outcome: Outcome, cost: float, against: float) -> Figures:
    """Of one policy's month."""
    waits = sorted(waited(outcome))
    tasks = sum(one.billed_s(outcome.end) for one in outcome.tasks)
    return Figures(
        requests=len(outcome.requests),
        answered=len(waits),
        dead_letters=len(outcome.dead),
        wait_p50_s=percentile(waits, 50),
        wait_p95_s=percentile(waits, 95),
        wait_max_s=percentile(waits, 100),
        wakes=outcome.wakes,
        task_hours=tasks / HOUR,
        instance_hours=sum(outcome.instances_s) / HOUR,
        interruptions=outcome.interruptions,
        given_back=outcome.given_back,
        usd=cost,
        usd_per_1000=1000 * cost / len(waits) if waits else None,
        ratio=cost / against,
    )


def waited(outcome: Outcome) -> Sequence[float]:
    """For how long each answered request waited for its answer."""
    pairs = zip(outcome.requests, outcome.answered, strict=True)
    return [moment - request.at for request, moment in pairs if moment is not None]


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The least value that so many percent do not exceed."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else None


def usd(outcome: Outcome, policy: Policy, service: Service, assumed: Assumptions) -> float:
    """Tasks or instances, alarms, the watch, and SQS; S3, logs and images are the same for all and left out."""
    up_s = [one.billed_s(outcome.end) for one in outcome.tasks]
    if policy.place == "fargate":
        ran = _hours(up_s) * task_usd_per_hour(policy, service, assumed)
    else:
        ran = _hours(outcome.instances_s) * instance_usd_per_hour(policy, assumed)
    answered = len(outcome.requests) - outcome.answered.count(None)
    calls = len(outcome.requests) + outcome.receives + answered + outcome.given_back + sum(up_s) / assumed.poll_s
    kept: dict[str, float] = {}
    if not policy.always:
        looks = outcome.end / assumed.watch_every_s
        calls += looks * policy.awake
        kept = {
            "alarm_month": sum(len(rule.counts) for rule in service.scaling.rules),
            "lambda_million": looks / MILLION,
            "lambda_arm_gb_second": looks * assumed.watch_gb_s,
        }
    return ran + kept_usd({"sqs_million": calls / MILLION, **kept})


def _hours(seconds: Sequence[float]) -> float:
    """As AWS bills: by the begun second, and at least a minute for what began at all."""
    return sum(max(LEAST_BILLED_S, math.ceil(one)) for one in seconds if one > 0) / HOUR
