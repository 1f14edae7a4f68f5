"""Workstations: reached without an open port, never replaced unasked, and switched off by four belts."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalogue import dlami
from mlstack.assembly import Stack
from stacks.frameworks.launch import LONGEST
from tests.templates.synthesis import Synthesize, Synthesized

KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
PINNED = "ami-0123456789abcdef0"
WITHOUT: dict[str, Any] = {name: {"enabled": False} for name in ("vision", "training")} | {
    "endpoints": {"serverless": {}}
}
NAMES: dict[str, Any] = {
    "gpu": {},
    "spot": {"market": "spot"},
    "once": {"market": "spot", "on_idle": "terminate"},
    "short": {"on_idle": "terminate"},
}


def workstations(synthesize: Synthesize, *, profile: str = "sandbox", **settings: Any) -> Stack:  # noqa: ANN401
    """The stack of these workstations alone with the network and the buckets."""
    made = synthesize(profile, {**WITHOUT, "notebook": {"enabled": False}, "workstations": settings})
    return made.stacks["Workstations"]


@pytest.fixture(scope="module")
def stack(synthesize: Synthesize) -> Stack:
    """One of each way to be billed and to end."""
    return workstations(synthesize, **NAMES)


def of(stack: Stack, kind: str, name: str) -> dict[str, Any]:
    """One workstation's resource of a type, whole."""
    [found] = [body for key, body in stack.of_type(kind).items() if key.startswith(name)]
    return found


def data(stack: Stack, name: str = "gpu") -> dict[str, Any]:
    """What its launch template says."""
    found: dict[str, Any] = of(stack, "AWS::EC2::LaunchTemplate", name)["Properties"]["LaunchTemplateData"]
    return found


def ids(stack: Stack) -> set[str]:
    """The logical ids of everything that makes a machine what it is."""
    return {*stack.of_type("AWS::EC2::Instance"), *stack.of_type("AWS::EC2::LaunchTemplate")}


def settings_of(stack: Stack, name: str) -> dict[str, Any]:
    """What the machine reads at each boot."""
    value = of(stack, "AWS::SSM::Parameter", name)["Properties"]["Value"]
    text = (
        value
        if isinstance(value, str)
        else "".join(part if isinstance(part, str) else "BUCKET" for part in value["Fn::Join"][1])
    )
    found: dict[str, Any] = json.loads(text)
    return found


def test_nothing_can_come_in(stack: Stack) -> None:
    [group] = stack.of_type("AWS::EC2::SecurityGroup").values()

    assert "SecurityGroupIngress" not in group["Properties"]
    assert stack.of_type("AWS::EC2::SecurityGroupIngress") == {}
    assert all("KeyName" not in data(stack, name) for name in NAMES)


def test_image_is_looked_up_by_ec2_when_the_machine_is_launched_and_never_by_a_deploy(stack: Stack) -> None:
    image = data(stack)["ImageId"]

    assert image == (
        "resolve:ssm:/aws/service/deeplearning/ami/x86_64/oss-nvidia-driver-gpu-pytorch-2.12-ubuntu-24.04/latest/ami-id"
    )
    assert "ImageId" not in of(stack, "AWS::EC2::Instance", "gpu")["Properties"]
    assert set(stack.template["Parameters"]) == {"BootstrapVersion"}
    assert "{{resolve:ssm:/aws" not in json.dumps(stack.template)


def test_image_can_be_pinned(synthesize: Synthesize) -> None:
    assert data(workstations(synthesize, gpu={"image": PINNED}))["ImageId"] == PINNED


@pytest.mark.parametrize(
    "change",
    [
        {"image": PINNED},
        {"flavour": "base"},
        {"os": "ubuntu-26.04"},
        {"framework_version": "2.11"},
        {"instance_type": "g5.2xlarge"},
        {"instance_type": "g5g.xlarge"},
        {"market": "spot"},
        {"volume_gb": 500, "volume_mibps": 250},
        {"zone": 2},
        {"kms_key": KEY},
        {"ssh_key": "mine"},
        {"idle_minutes": 45, "max_hours": 48, "daily_stop": "never", "on_idle": "terminate"},
        {"jupyter": False},
        {"tags": {"team": "vision"}},
    ],
    ids="-".join,
)
def test_no_change_of_the_profile_makes_another_machine(
    synthesize: Synthesize, stack: Stack, change: dict[str, Any]
) -> None:
    changed = workstations(synthesize, **{**NAMES, "gpu": change})
    instance = of(changed, "AWS::EC2::Instance", "gpu")["Properties"]

    assert ids(changed) == ids(stack)
    assert instance["LaunchTemplate"] == of(stack, "AWS::EC2::Instance", "gpu")["Properties"]["LaunchTemplate"]
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html
    in_place = {"IamInstanceProfile", "InstanceInitiatedShutdownBehavior", "InstanceType", "Tags"}
    assert set(instance) == {"LaunchTemplate", *in_place}


def test_higher_edition_makes_another_machine_and_nothing_else_anew(synthesize: Synthesize, stack: Stack) -> None:
    changed = workstations(synthesize, **{**NAMES, "gpu": {"edition": 2}})

    made = sorted(ids(changed) - ids(stack))
    assert [name[:11] for name in made] == [f"gpuLaunch2{made[0][10]}", "gpuMachine2"]
    kept = {name for name in stack.resources if name not in ids(stack) and not name.startswith("gpuBelts1")}
    assert kept <= {*changed.resources}


def test_edition_has_an_alarm_of_its_own_which_never_watched_another_machine(
    synthesize: Synthesize, stack: Stack
) -> None:
    changed = workstations(synthesize, **{**NAMES, "gpu": {"edition": 2}})

    assert not {*stack.of_type("AWS::CloudWatch::Alarm")} & {
        name for name in changed.of_type("AWS::CloudWatch::Alarm") if name.startswith("gpu")
    }


def test_what_is_left_out_follows_from_what_is_said(synthesize: Synthesize) -> None:
    made = workstations(synthesize, a={"flavour": "tensorflow"}, b={"max_hours": 4})

    assert "tensorflow-2.18-ubuntu-22.04" in data(made, "a")["ImageId"]
    assert settings_of(made, "b")["keep_awake_hours"] == 4


def test_change_that_would_hurt_a_machine_is_refused_before_anything_of_it_is_touched(stack: Stack) -> None:
    guards = {
        body["Properties"]["Workstation"]: body["Properties"]
        for body in stack.of_type("Custom::WorkstationEdition").values()
    }
    [guard] = [key for key in stack.of_type("Custom::WorkstationEdition") if key.startswith("gpu")]
    told = {name: value for name, value in guards["spot"].items() if not name.startswith("Service")}

    assert set(guards) == set(NAMES)
    assert told == {
        "Stage": "sandbox",
        "Workstation": "spot",
        "Edition": "1",
        "System": "ubuntu-24.04",
        "Flavour": "pytorch",
        "Processor": "x86_64",
        "Market": "spot",
        "Type": "g4dn.xlarge",
    }
    assert (guards["gpu"]["Market"], guards["gpu"]["Type"]) == ("on-demand", "")
    assert guards["once"]["Market"] == "one-time"
    for kind in ("AWS::EC2::LaunchTemplate", "AWS::SSM::Parameter"):
        assert guard in of(stack, kind, "gpu")["DependsOn"]


def test_guard_asks_for_nothing_but_how_its_own_stack_is(stack: Stack) -> None:
    [policy] = [body for key, body in stack.of_type("AWS::IAM::Policy").items() if key.startswith("Guard")]
    [statement] = [
        one for one in policy["Properties"]["PolicyDocument"]["Statement"] if "cloudformation" in str(one["Action"])
    ]

    assert (statement["Action"], statement["Resource"]) == ("cloudformation:DescribeStacks", {"Ref": "AWS::StackId"})


def test_machine_is_made_from_the_first_version_of_its_template(stack: Stack) -> None:
    for name in NAMES:
        template = of(stack, "AWS::EC2::Instance", name)["Properties"]["LaunchTemplate"]
        [expected] = [key for key in stack.of_type("AWS::EC2::LaunchTemplate") if key.startswith(name)]
        assert template == {"LaunchTemplateId": {"Ref": expected}, "Version": "1"}


def test_disk_is_gp3_and_encrypted_and_goes_with_an_ephemeral_machine(stack: Stack) -> None:
    [disk] = data(stack)["BlockDeviceMappings"]

    assert disk == {
        "DeviceName": "/dev/sda1",
        "Ebs": {"DeleteOnTermination": True, "Encrypted": True, "VolumeSize": 125, "VolumeType": "gp3"},
    }


def test_disk_of_a_durable_stage_stays_unless_it_was_to_go_whenever_it_is_idle(synthesize: Synthesize) -> None:
    durable = workstations(synthesize, profile="team", **NAMES)

    assert {name: data(durable, name)["BlockDeviceMappings"][0]["Ebs"]["DeleteOnTermination"] for name in NAMES} == {
        "gpu": False,
        "spot": False,
        "once": True,
        "short": True,
    }


def test_every_setting_of_the_profile_reaches_the_machine(synthesize: Synthesize, tmp_path: Path) -> None:
    own = tmp_path / "mine.sh"
    own.write_text("#!/bin/bash\necho ready\n", encoding="utf-8")
    full = workstations(
        synthesize,
        gpu={
            "flavour": "tensorflow",
            "os": "amazon-linux-2023",
            "instance_type": "g5.2xlarge",
            "volume_gb": 200,
            "volume_iops": 6000,
            "volume_mibps": 500,
            "kms_key": KEY,
            "zone": 2,
            "ssh_key": "my key",
            "jupyter": False,
            "on_create": str(own),
            "idle_minutes": 45,
            "max_hours": 36,
            "keep_awake_hours": 3,
            "daily_stop": "19:30",
            "time_zone": "Europe/Paris",
            "tags": {"team": "vision"},
        },
    )

    launch, told = data(full), settings_of(full, "gpu")
    schedule = of(full, "AWS::Scheduler::Schedule", "gpu")["Properties"]
    assert launch["BlockDeviceMappings"] == [
        {
            "DeviceName": "/dev/xvda",
            "Ebs": {
                "DeleteOnTermination": True,
                "Encrypted": True,
                "Iops": 6000,
                "KmsKeyId": KEY,
                "Throughput": 500,
                "VolumeSize": 200,
                "VolumeType": "gp3",
            },
        }
    ]
    assert launch["KeyName"] == "my key"
    assert (
        launch["NetworkInterfaces"][0]["SubnetId"]["Fn::ImportValue"]
        .split(":")[1]
        .startswith("ExportsOutputRefVpcPublicSubnet2")
    )
    assert {"Key": "team", "Value": "vision"} in launch["TagSpecifications"][1]["Tags"]
    assert told["own"]["key"]
    assert told["own"] != told["bundle"]
    wanted = {"idle_minutes": 45, "max_hours": 36, "keep_awake_hours": 3, "jupyter": False, "login": "ec2-user"}
    assert wanted.items() <= told.items()
    assert told["python"] == "/opt/tensorflow/bin/python"
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == (
        "cron(30 19 * * ? *)",
        "Europe/Paris",
    )


def test_settings_come_by_a_parameter_so_that_a_deploy_changes_them_on_a_machine_that_runs(stack: Stack) -> None:
    told = settings_of(stack, "gpu")

    assert told["running_price"] == "$0.531 an hour"
    assert told["stopped_price"] == "$10.10 a month for 125 GB and an alarm"
    assert told["image"].startswith("/aws/service/deeplearning/ami/")
    assert (told["idle_minutes"], told["max_hours"], told["on_idle"], told["gpu"]) == (30, 24, "stop", True)
    assert of(stack, "AWS::SSM::Parameter", "gpu")["Properties"]["Name"] == "/mlstack/sandbox/workstations/gpu"
    assert settings_of(stack, "once")["stopped_price"] == "$0.10 a month for its alarm"
    assert settings_of(stack, "spot")["running_price"] == "at most $0.531 an hour"


def test_user_data_names_the_machine_that_cloudformation_waits_for_and_fits(stack: Stack) -> None:
    for name in NAMES:
        script = data(stack, name)["UserData"]["Fn::Base64"]
        [instance] = [key for key in stack.of_type("AWS::EC2::Instance") if key.startswith(name)]

        assert script.startswith("#!/bin/bash\n")
        assert instance in script
        assert f"/mlstack/sandbox/workstations/{name}" in script
        assert "mlstack-sandbox-Workstations" in script
        assert "us-east-1" in script
        assert len(script.encode()) <= LONGEST


def test_deploy_waits_for_the_machines_own_word(stack: Stack) -> None:
    for name in NAMES:
        policy = of(stack, "AWS::EC2::Instance", name)["CreationPolicy"]
        assert policy == {"ResourceSignal": {"Count": 1, "Timeout": "PT30M"}}


def test_metadata_needs_a_session_and_tells_the_machine_its_tags(stack: Stack) -> None:
    assert data(stack)["MetadataOptions"] == {
        "HttpEndpoint": "enabled",
        "HttpPutResponseHopLimit": 2,
        "HttpTokens": "required",
        "InstanceMetadataTags": "enabled",
    }


@pytest.mark.parametrize(
    ("name", "market"),
    [
        ("gpu", None),
        ("spot", {"InstanceInterruptionBehavior": "stop", "SpotInstanceType": "persistent"}),
        ("once", {"InstanceInterruptionBehavior": "terminate", "SpotInstanceType": "one-time"}),
        ("short", None),
    ],
)
def test_spot_request_lasts_only_where_the_machine_is_to_be_stopped(
    stack: Stack, name: str, market: dict[str, str] | None
) -> None:
    expected = {"MarketType": "spot", "SpotOptions": market} if market else None

    assert data(stack, name).get("InstanceMarketOptions") == expected


def test_request_that_lasts_is_cancelled_before_its_machine_is_deleted_and_once_more_after(stack: Stack) -> None:
    releases = stack.of_type("Custom::SpotRelease")
    [(first, before)] = [(key, body) for key, body in releases.items() if "InstanceId" in body["Properties"]]
    [(last, after)] = [(key, body) for key, body in releases.items() if key != first]
    [instance] = [key for key in stack.of_type("AWS::EC2::Instance") if key.startswith("spot")]
    [group] = stack.of_type("AWS::EC2::SecurityGroup")
    tags = {"Stage": "sandbox", "Workstation": "spot", "Edition": "1"}

    assert {first[:5], last[:5]} == {"spotR", "spotL"}
    assert tags.items() <= before["Properties"].items()
    assert before["Properties"]["InstanceId"] == {"Ref": instance}
    assert tags.items() <= after["Properties"].items()
    assert last in stack.resources[instance]["DependsOn"]
    assert group in after["DependsOn"]


def test_whatever_a_request_launches_later_can_be_told_by_its_tags(stack: Stack) -> None:
    tagged = {
        one["ResourceType"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]}
        for one in data(stack, "spot")["TagSpecifications"]
    }

    assert set(tagged) == {"instance", "spot-instances-request", "volume"}
    wanted = {"project": "mlstack", "stage": "sandbox", "workstation": "spot", "edition": "1"}
    assert all(wanted.items() <= tags.items() for tags in tagged.values())
    assert len(data(stack, "gpu")["TagSpecifications"]) == 2


def test_release_ends_nothing_but_the_stages_workstations(stack: Stack) -> None:
    [policy] = [body for key, body in stack.of_type("AWS::IAM::Policy").items() if key.startswith("SpotRelease")]
    ending = policy["Properties"]["PolicyDocument"]["Statement"][-1]

    assert ending["Action"] == ["ec2:CancelSpotInstanceRequests", "ec2:TerminateInstances"]
    assert ending["Condition"]["StringEquals"] == {
        "aws:ResourceTag/project": "mlstack",
        "aws:ResourceTag/stage": "sandbox",
    }


def test_stage_without_a_lasting_request_has_no_function_for_it(synthesize: Synthesize) -> None:
    without = workstations(synthesize, gpu={}, once=NAMES["once"])

    assert without.of_type("Custom::SpotRelease") == {}
    assert not [key for key in without.of_type("AWS::Lambda::Function") if key.startswith("SpotRelease")]


@pytest.mark.parametrize(
    ("name", "end"), [("gpu", "stop"), ("spot", "stop"), ("once", "terminate"), ("short", "terminate")]
)
def test_alarm_ends_a_machine_that_is_idle_or_silent(stack: Stack, name: str, end: str) -> None:
    alarm = of(stack, "AWS::CloudWatch::Alarm", name)["Properties"]
    [instance] = [key for key in stack.of_type("AWS::EC2::Instance") if key.startswith(name)]

    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["Dimensions"] == [{"Name": "InstanceId", "Value": {"Ref": instance}}]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == (
        "mlstack/Workstation",
        "IdleMinutes",
        "Minimum",
    )
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (300, 3, 3)
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (45, "GreaterThanThreshold")
    [action] = alarm["AlarmActions"]
    assert json.dumps(action).count(f"ec2:{end}") == 1
    assert "OKActions" not in alarm


@pytest.mark.parametrize(
    ("name", "end"), [("gpu", "Stop"), ("spot", "Stop"), ("once", "Terminate"), ("short", "Terminate")]
)
def test_every_day_has_an_end(stack: Stack, name: str, end: str) -> None:
    schedule = of(stack, "AWS::Scheduler::Schedule", name)["Properties"]
    [policy] = [
        body["Properties"]["PolicyDocument"]["Statement"]
        for key, body in stack.of_type("AWS::IAM::Policy").items()
        if key.startswith(f"{name}Belts")
    ]

    assert schedule["ScheduleExpression"] == "cron(0 7 * * ? *)"
    assert schedule["Target"]["Arn"] == f"arn:aws:scheduler:::aws-sdk:ec2:{end.lower()}Instances"
    assert [statement["Action"] for statement in policy] == [f"ec2:{end}Instances"]
    assert "*" not in json.dumps(policy[0]["Resource"])


def test_daily_end_can_be_left_out(synthesize: Synthesize) -> None:
    without = workstations(synthesize, gpu={"daily_stop": "never"})

    assert without.of_type("AWS::Scheduler::Schedule") == {}
    assert len(without.of_type("AWS::CloudWatch::Alarm")) == 1


def test_watch_ends_what_runs_for_too_long_and_only_the_stages_workstations(synthesize: Synthesize) -> None:
    stack = workstations(synthesize, gpu={"max_hours": 8}, other={"max_hours": 48})
    [function] = [body for key, body in stack.of_type("AWS::Lambda::Function").items() if key.startswith("Watch")]
    [policy] = [body for key, body in stack.of_type("AWS::IAM::Policy").items() if key.startswith("WatchFunction")]
    ending = policy["Properties"]["PolicyDocument"]["Statement"][-1]

    assert json.loads(function["Properties"]["Environment"]["Variables"]["MAX_HOURS"]) == {"gpu": 8, "other": 48}
    assert ending["Action"] == ["ec2:StopInstances", "ec2:TerminateInstances"]
    assert ending["Condition"] == {
        "Null": {"aws:ResourceTag/workstation": "false"},
        "StringEquals": {"aws:ResourceTag/project": "mlstack", "aws:ResourceTag/stage": "sandbox"},
    }
    [rule] = stack.of_type("AWS::Events::Rule").values()
    assert rule["Properties"]["ScheduleExpression"] == "rate(15 minutes)"


def test_machine_may_use_the_stages_buckets_and_start_nothing(stack: Stack) -> None:
    [policy] = [body for key, body in stack.of_type("AWS::IAM::Policy").items() if key.startswith("gpuRole")]
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    actions = {
        action
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }

    assert {action for action in actions if action.startswith("s3:Put")} == {"s3:PutObject"}
    assert not {action for action in actions if action.startswith(("ec2:", "iam:", "sagemaker:", "s3:DeleteBucket"))}
    assert {action for action in actions if action.startswith("ssm:")} == {
        "ssm:GetParameter",
        "ssm:UpdateInstanceInformation",
    }
    everywhere = {action for one in statements if one["Resource"] == "*" for action in one["Action"]}
    assert not {action for action in everywhere if action.startswith("s3:")}


def test_machine_without_internet_has_no_public_address_and_stands_in_an_isolated_subnet(
    synthesize: Synthesize,
) -> None:
    endpoints = ["ssm", "ssmmessages", "ec2messages", "monitoring", "cloudformation"]
    made = synthesize(
        "sandbox",
        {**WITHOUT, "network": {"interface_endpoints": endpoints}, "workstations": {"gpu": {"internet": False}}},
    ).stacks["Workstations"]

    [interface] = data(made)["NetworkInterfaces"]
    assert interface["AssociatePublicIpAddress"] is False
    assert "IsolatedSubnet1" in interface["SubnetId"]["Fn::ImportValue"]
    assert settings_of(made, "gpu")["running_price"] == "$0.526 an hour"


def test_bundle_has_the_agent_and_its_scripts_and_nothing_of_the_notebook(synthesize: Synthesize) -> None:
    made: Synthesized = synthesize("sandbox", {**WITHOUT, "notebook": {"enabled": False}, "workstations": NAMES})
    key = settings_of(made.stacks["Workstations"], "gpu")["bundle"]["key"].removesuffix(".zip")
    folder = made.folder / f"asset.{key}"

    assert {path.name for path in folder.iterdir()} == {"shared", "workstation"}
    assert (folder / "workstation" / "workstation_agent" / "__init__.py").is_file()
    assert (folder / "shared" / "machine_use" / "processes.py").is_file()
    assert not list(folder.rglob("__pycache__"))


def test_catalogue_has_a_root_device_for_every_login() -> None:
    from stacks.frameworks.launch import ROOT_DEVICE  # noqa: PLC0415 (beside its only use)

    assert {line.login for line in dlami.lines()} == set(ROOT_DEVICE)


def test_price_is_said_at_every_synth(synthesize: Synthesize) -> None:
    made = synthesize("sandbox", {**WITHOUT, "notebook": {"enabled": False}, "workstations": NAMES})

    said = json.dumps(json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"])
    metadata = "".join(path.read_text(encoding="utf-8") for path in made.folder.glob("*.metadata.json"))
    assert "workstation gpu (g4dn.xlarge): $0.531 an hour while it runs; goes off after 30 minutes" in said + metadata
