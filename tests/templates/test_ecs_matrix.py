"""Every way to train, to serve and to be asked on ECS, in stages that stay and that go, through every validator."""

import json
from typing import Any

import pytest

from checks import service_calls, shell, state_machines, templates
from checks.machine_scripts import embedded
from tests.templates.synthesis import Synthesize, Synthesized
from tests.templates.test_ecs import CERTIFICATE, INSIDE, OUTSIDE, TOKENS, TRUST_STORE, WITHOUT

BOTH = {
    "certificate": CERTIFICATE,
    "allowed": ["203.0.113.0/24", "198.51.100.0/24"],
    "internet": True,
    "tokens": TOKENS,
    "trust_store": TRUST_STORE,
}
TRAININGS: dict[str, Any] = {
    "none": {"enabled": False},
    "gpu-spot": {"enabled": True},
    "gpu-on-demand": {"enabled": True, "market": "on-demand", "instance_types": ["p5.48xlarge"], "gpus": 8},
    "cpu-spot": {"enabled": True, "accelerator": "cpu", "vcpu": 16.0, "memory_gb": 120.0, "storage_gb": 200},
    "cpu-on-demand": {"enabled": True, "accelerator": "cpu", "market": "on-demand", "max_hours": 168},
}
SERVICES: dict[str, Any] = {
    "none": {},
    "small": {"x": {"vcpu": 0.25, "memory_gb": 0.5, "max_tasks": 1}},
    "many": {
        "large": {"vcpu": 16.0, "memory_gb": 32.0, "max_tasks": 50, "backlog_per_task": 1, "architecture": "x86_64"},
        "own": {"model": "s3://somebodys-models/a/b/model.tar.gz", "market": "on-demand", "min_tasks": 2},
        "opened": {"execute_command": True, "environment": {"INFERENCE_TOP_K": "3"}, "sleep_minutes": 1440},
    },
    "doors": {
        "inside": {"load_balancer": INSIDE},
        "outside": {"load_balancer": OUTSIDE, "min_tasks": 1},
        "both": {"load_balancer": BOTH, "architecture": "x86_64"},
        "everybody": {"load_balancer": OUTSIDE | {"allowed": ["0.0.0.0/0"]}},
    },
}
WITHOUT_INTERNET = ["ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry", "logs", "sqs", "ssmmessages"]
WAYS = [
    (profile, training, services, internet)
    for number, (training, services) in enumerate(
        (training, services) for training in TRAININGS for services in SERVICES if (training, services) != ("none",) * 2
    )
    for profile, internet in [(("sandbox", "team")[number % 2], number % 3 != 0)]
]


def synthesized(synthesize: Synthesize, profile: str, training: str, services: str, *, internet: bool) -> Synthesized:
    """One way; two rule packs have checked it when this returns."""
    return synthesize(
        profile,
        {
            **WITHOUT,
            "workstations": {},
            "network": {"interface_endpoints": [] if internet else WITHOUT_INTERNET},
            "images": {"mirror": not internet},
            "ecs": {"internet": internet, "training": TRAININGS[training], "services": SERVICES[services]},
        },
    )


@pytest.mark.parametrize(("profile", "training", "services", "internet"), WAYS)
def test_every_way_passes_every_validator(
    synthesize: Synthesize, profile: str, training: str, services: str, *, internet: bool
) -> None:
    made = synthesized(synthesize, profile, training, services, internet=internet)
    found = [
        finding
        for name in ("Ecs", "Images")
        for finding in templates.lint((name, "us-east-1", json.dumps(made.stacks[name].template)))
    ]
    scripts = [one.shell for one in embedded(made.assembly)]

    assert found == []
    assert shell.lint(scripts) == []
    assert state_machines.check(made.assembly).findings == ()
    assert service_calls.check(made.assembly).findings == ()
