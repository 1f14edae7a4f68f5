"""The notebook: it switches itself off from inside and outside, and its people may do what the stage is for."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from mlstack.assembly import Stack
from tests.templates.synthesis import Synthesize, Synthesized

ALONE = {name: {"enabled": False} for name in ("vision", "endpoints", "training")}
KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
ROLE = "arn:aws:iam::111122223333:role/mine"


@pytest.fixture(scope="module")
def plain(synthesize: Synthesize) -> Synthesized:
    """A stage with the notebook as it is by default."""
    return synthesize("sandbox", {**ALONE, "notebook": {"enabled": True}})


@pytest.fixture(scope="module")
def stack(plain: Synthesized) -> Stack:
    """Its stack."""
    return plain.stacks["Notebook"]


def properties(stack: Stack) -> dict[str, Any]:
    """The instance's."""
    [one] = stack.of_type("AWS::SageMaker::NotebookInstance").values()
    found: dict[str, Any] = one["Properties"]
    return found


def script(stack: Stack, moment: str) -> str:
    """A lifecycle script, as it will run."""
    [config] = stack.of_type("AWS::SageMaker::NotebookInstanceLifecycleConfig").values()
    [hook] = config["Properties"][moment]
    return base64.b64decode(hook["Content"]).decode()


def told(stack: Stack) -> dict[str, Any]:
    """The stack's outputs."""
    return {name: one["Value"] for name, one in stack.template["Outputs"].items()}


def test_the_notebook_is_named_after_prefix_and_stage(synthesize: Synthesize, stack: Stack) -> None:
    other = synthesize("sandbox", {**ALONE, "notebook": {"enabled": True, "name_prefix": "Lab"}})

    assert properties(stack)["NotebookInstanceName"] == "mlstack-sandbox"
    assert properties(other.stacks["Notebook"])["NotebookInstanceName"] == "Lab-sandbox"


def test_nobody_is_root_and_metadata_needs_a_session(stack: Stack) -> None:
    found = properties(stack)

    assert found["RootAccess"] == "Disabled"
    assert found["InstanceMetadataServiceConfiguration"] == {"MinimumInstanceMetadataServiceVersion": "2"}
    assert found["PlatformIdentifier"] == "notebook-al2023-v1"


def test_every_setting_of_the_profile_reaches_the_instance(synthesize: Synthesize, tmp_path: Path) -> None:
    own = tmp_path / "mine.sh"
    own.write_text("#!/bin/bash\necho ready\n", encoding="utf-8")
    full = synthesize(
        "sandbox",
        {
            **ALONE,
            "notebook": {
                "enabled": True,
                "instance_type": "ml.g4dn.xlarge",
                "volume_gb": 100,
                "root_access": True,
                "network": "own",
                "subnet": "subnet-0123456789abcdef0",
                "security_groups": ["sg-0123456789abcdef0"],
                "direct_internet": False,
                "kms_key": KEY,
                "role": ROLE,
                "repositories": ["first", "https://example.com/2", "https://example.com/3", "https://example.com/4"],
                "on_create": str(own),
                "on_start": str(own),
                "idle_minutes": 30,
                "max_hours": 24,
                "tags": {"team": "vision"},
            },
        },
    )

    found = properties(full.stacks["Notebook"])
    assert found["InstanceType"] == "ml.g4dn.xlarge"
    assert found["VolumeSizeInGB"] == 100
    assert found["RootAccess"] == "Enabled"
    assert found["SubnetId"] == "subnet-0123456789abcdef0"
    assert found["SecurityGroupIds"] == ["sg-0123456789abcdef0"]
    assert found["DirectInternetAccess"] == "Disabled"
    assert (found["KmsKeyId"], found["RoleArn"]) == (KEY, ROLE)
    assert found["DefaultCodeRepository"] == "first"
    assert len(found["AdditionalCodeRepositories"]) == 3
    assert {"Key": "team", "Value": "vision"} in found["Tags"]
    assert not full.stacks["Notebook"].of_type("AWS::IAM::Role").keys() - watch_roles(full.stacks["Notebook"])


def watch_roles(stack: Stack) -> set[str]:
    """The roles of the function outside."""
    return {name for name in stack.of_type("AWS::IAM::Role") if name.startswith("Watch")}


def test_a_notebook_in_the_stage_s_network_stands_in_an_isolated_subnet_of_its_zone(synthesize: Synthesize) -> None:
    inside = synthesize(
        "sandbox",
        {
            **ALONE,
            "network": {"interface_endpoints": ["sagemaker.api", "monitoring"]},
            "notebook": {"enabled": True, "network": "stage", "zone": 2, "direct_internet": False},
        },
    )

    found = properties(inside.stacks["Notebook"])
    assert "IsolatedSubnet2" in json.dumps(found["SubnetId"])
    assert found["DirectInternetAccess"] == "Disabled"
    [group] = inside.stacks["Notebook"].of_type("AWS::EC2::SecurityGroup").values()
    assert "SecurityGroupIngress" not in group["Properties"]


def test_the_scripts_fit_into_what_sagemaker_takes(stack: Stack) -> None:
    [config] = stack.of_type("AWS::SageMaker::NotebookInstanceLifecycleConfig").values()

    assert "OnCreate" not in config["Properties"]
    [hook] = config["Properties"]["OnStart"]
    assert len(hook["Content"]) <= 16_384


def test_nothing_is_downloaded_at_start(stack: Stack) -> None:
    both = script(stack, "OnStart")

    assert not [word for word in ("curl ", "wget ", "pip install", "git clone", "dnf ", "yum ") if word in both]


def test_the_agent_is_told_when_to_stop(synthesize: Synthesize) -> None:
    settings = {"enabled": True, "idle_minutes": 45, "max_hours": 6}
    stack = synthesize("sandbox", {**ALONE, "notebook": settings}).stacks["Notebook"]

    on_start = script(stack, "OnStart")
    assert "45" in on_start
    assert "6" in on_start


def test_two_synths_write_the_same_scripts(synthesize: Synthesize, stack: Stack) -> None:
    again = synthesize("sandbox", {**ALONE, "notebook": {"enabled": True}, "stage": {"owner": "somebody-else"}})

    assert script(again.stacks["Notebook"], "OnStart") == script(stack, "OnStart")


def test_a_function_outside_looks_every_quarter_of_an_hour_and_may_stop_this_notebook_alone(
    plain: Synthesized, stack: Stack
) -> None:
    plain.template("Notebook").has_resource_properties("AWS::Events::Rule", {"ScheduleExpression": "rate(15 minutes)"})
    [function] = stack.of_type("AWS::Lambda::Function").values()
    assert function["Properties"]["Environment"]["Variables"] == {
        "GRACE_MINUTES": "20",
        "HEARTBEAT_MINUTES": "5",
        "MAX_HOURS": "12",
        "NOTEBOOK_NAME": "mlstack-sandbox",
    }
    stopping = [one for one in statements(stack) if "sagemaker:StopNotebookInstance" in one["Action"]]
    assert all(json.dumps(one["Resource"]).endswith(':notebook-instance/mlstack-sandbox"]]}') for one in stopping)
    assert len(stopping) == 2  # the function's, and the notebook's own


def statements(stack: Stack) -> list[dict[str, Any]]:
    """Every statement of every policy."""
    policies = stack.of_type("AWS::IAM::Policy").values()
    return [one for policy in policies for one in policy["Properties"]["PolicyDocument"]["Statement"]]


def test_a_notebook_can_start_nothing_that_bills(stack: Stack) -> None:
    allowed = {
        action
        for one in statements(stack)
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }

    assert not {action for action in allowed if "*" in action or ":Create" in action} - {
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
    }
    assert "AmazonSageMakerFullAccess" not in json.dumps(stack.template)


def test_it_tells_its_prices_and_its_limits(stack: Stack) -> None:
    found = told(stack)

    assert found["RunningPrice"] == "$0.05 an hour"
    assert found["StoppedPrice"] == "$0.70 a month for 5 GB"
    assert (found["IdleMinutes"], found["MaxHours"]) == ("60", "12")
