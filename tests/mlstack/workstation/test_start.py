"""`mlstack workstation start`, through what EC2, Session Manager and the alarm do meanwhile."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.mlstack.wire import Clock, client
from tests.mlstack.workstation.conftest import Answer, Run, Stage, refused

ABSENT = EndpointConnectionError(endpoint_url="https://x")
LATER = datetime.now(UTC) + timedelta(hours=5)
"""Also when this file's turn comes: a run of all tests takes minutes."""
USER = "Client.UserInitiatedShutdown"


def agent(ping: str = "Online", at: datetime = LATER) -> dict[str, Any]:
    """What Session Manager says of the machine."""
    return {"InstanceInformationList": [{"PingStatus": ping, "LastPingDateTime": at}]}


def alarm(state: str = "ALARM", at: datetime = LATER, **more: object) -> dict[str, Any]:
    """What CloudWatch says of the machine's alarm."""
    actions = ["arn:aws:automate:us-east-1:ec2:stop"]
    return {"MetricAlarms": [{"StateValue": state, "StateUpdatedTimestamp": at, "AlarmActions": actions, **more}]}


def last_beat(minutes: int) -> dict[str, Any]:
    """What CloudWatch says of the machine's heartbeats."""
    return {"Datapoints": [{"Timestamp": datetime.now(UTC) - timedelta(minutes=minutes), "Maximum": 0.0}]}


def slow_start(stage: Stage, machine: str) -> None:
    """Let EC2 take its time."""
    stage.answer("StartInstances", {})
    stage.happenings.extend([lambda: stage.set(machine, "pending"), lambda: stage.set(machine, "running")])


def test_the_price_and_the_end_are_said_before_it_starts(stage: Stage, run: Run) -> None:
    stage.put(daily_stop="22:00", time_zone="Europe/Paris")
    machine = stage.launch(state="stopped")

    code, output, errors = run("start", "trainer")

    lines = errors.splitlines()
    assert (code, output) == (0, "")
    assert lines[0] == "price of g5.xlarge while it runs: $1.20 an hour"
    assert lines[1] == (
        "it stops itself when nobody has used it for 30 min, and 12 h after its start at the latest, "
        "and every day at 22:00 (Europe/Paris)"
    )
    assert "Starting trainer" in lines[2]
    assert "UTC at the latest; open it with `mlstack workstation ssh trainer --aws`" in lines[3]
    assert stage.machine(machine).state == "running"


def test_a_start_waits_for_the_machine_and_asks_once(stage: Stage, run: Run, clock: Clock) -> None:
    stage.put()
    slow_start(stage, stage.launch(state="stopped"))

    assert run("start")[0] == 0
    assert len(stage.calls("StartInstances")) == 1
    assert len(clock.slept) == 2


def test_a_start_waits_until_session_manager_has_heard_of_this_run(stage: Stage, run: Run, clock: Clock) -> None:
    stage.put()
    stage.launch(state="stopped")
    before = datetime.now(UTC) - timedelta(hours=1)
    stage.answer(
        "DescribeInstanceInformation",
        {"InstanceInformationList": []},
        agent("ConnectionLost"),
        agent(at=before),
        agent(),
    )

    assert run("start")[0] == 0
    assert len(clock.slept) == 3


def test_a_machine_that_session_manager_never_hears_of_is_said_to_run(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="stopped")
    stage.answer("DescribeInstanceInformation", {"InstanceInformationList": []})

    code, _, errors = run("start", "--timeout", "60")

    assert code == 2
    assert errors.splitlines()[-1] == (
        "mlstack: workstation trainer is still running, and not heard of by Session Manager after 1 min; "
        "`mlstack workstation status trainer --aws` shows what becomes of it"
    )


@pytest.mark.usefixtures("local")
def test_on_the_local_aws_no_session_manager_is_waited_for(stage: Stage, run: Run, clock: Clock) -> None:
    stage.put()
    stage.launch(state="stopped")

    code, _, errors = run("start")

    assert code == 0
    assert clock.slept == []
    assert stage.calls("DescribeInstanceInformation") == []
    assert errors.endswith(" UTC at the latest\n")


def test_a_workstation_without_jupyterlab_is_not_said_to_have_one(stage: Stage, run: Run) -> None:
    stage.put(jupyter=False)
    stage.launch(state="stopped")

    assert run("start")[2].endswith("; open it with `mlstack workstation ssh trainer --aws`\n")


def test_a_workstation_that_runs_is_not_started(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch()

    code, _, errors = run("start")

    assert code == 0
    assert stage.calls("StartInstances") == []
    assert "trainer runs already, since " in errors
    assert "; open it with `mlstack workstation ssh trainer --aws`" in errors
    assert "Starting" not in errors


def test_a_machine_that_has_just_been_started_is_waited_for(stage: Stage, run: Run, clock: Clock) -> None:
    stage.put()
    stage.launch()
    stage.answer(
        "DescribeInstanceInformation", {"InstanceInformationList": []}, {"InstanceInformationList": []}, agent()
    )

    code, _, errors = run("start")

    assert code == 0
    assert len(clock.slept) == 1
    assert "Starting trainer" in errors
    assert "already" not in errors


def test_a_stop_that_is_on_its_way_is_waited_for(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopping")
    stage.happenings.append(lambda: stage.set(machine, "stopped"))

    assert run("start")[0] == 0
    assert stage.machine(machine).state == "running"


def test_a_late_stop_of_the_alarm_is_mended_once_and_said(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopped")
    stage.answer("StartInstances", {})
    stage.answer("DescribeAlarmsForMetric", alarm())
    stage.happenings.extend(
        [
            lambda: stage.set(machine, "pending"),
            lambda: stage.set(machine, "stopping", USER),
            lambda: stage.set(machine, "stopped", USER),
            lambda: stage.set(machine, "running"),
        ]
    )

    code, _, errors = run("start")

    assert code == 0
    assert len(stage.calls("StartInstances")) == 2
    assert errors.count("the alarm for its last run came late and stopped it as it started") == 1


def test_a_second_stop_of_the_alarm_is_not_mended(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopped")
    stage.answer("StartInstances", {})
    stage.answer("DescribeAlarmsForMetric", alarm())
    for minutes in (1, 2, 3):
        ago = timedelta(minutes=-minutes)
        stage.happenings.append(partial(stage.set, machine, "stopped", USER, "User initiated", ago=ago))

    code, _, errors = run("start")

    assert code == 2
    assert len(stage.calls("StartInstances")) == 2
    assert "it stopped again while it was starting: User initiated" in errors


@pytest.mark.parametrize(
    "said",
    [
        alarm("OK"),
        alarm(at=datetime.now(UTC) - timedelta(hours=1)),
        {"MetricAlarms": []},
        {"MetricAlarms": [{"StateValue": "ALARM"}]},
        refused("AccessDenied"),
        ABSENT,
    ],
    ids=["ok", "long ago", "none", "no date", "refused", "absent"],
)
def test_a_stop_that_is_not_the_alarms_is_told_and_not_undone(stage: Stage, run: Run, said: Answer) -> None:
    stage.put()
    machine = stage.launch(state="stopped")
    stage.answer("StartInstances", {})
    stage.answer("DescribeAlarmsForMetric", said)
    stage.happenings.append(lambda: stage.set(machine, "stopped", USER, "Client.UserInitiatedShutdown: by\nsomebody"))

    code, _, errors = run("start")

    assert code == 2
    assert len(stage.calls("StartInstances")) == 1
    assert errors.splitlines()[-1] == (
        "mlstack: workstation trainer: it stopped again while it was starting: "
        "Client.UserInitiatedShutdown: by somebody"
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("InsufficientInstanceCapacity", "AWS has no g5.xlarge free in us-east-1a now, where its disk is; try again"),
        ("VcpuLimitExceeded", 'its quota "Running On-Demand G and VT instances" counts vCPUs, is 0 in a new account'),
        ("VcpuLimitExceeded", "servicequotas/home/services/ec2/quotas/L-DB2E81BA"),
    ],
)
def test_a_start_that_ec2_refuses_says_what_to_do(stage: Stage, run: Run, code: str, told: str) -> None:
    stage.put()
    stage.launch(state="stopped")
    stage.answer("StartInstances", refused(code))

    exit_code, _, errors = run("start")

    assert exit_code == 2
    assert errors.splitlines()[-1].startswith("mlstack: workstation trainer: ")
    assert told in errors.splitlines()[-1]


def test_a_room_that_ec2_misses_only_later_is_told_as_well(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopped")
    stage.answer("StartInstances", {})
    stage.happenings.append(lambda: stage.set(machine, "stopped", "Server.InsufficientInstanceCapacity"))

    assert "AWS has no g5.xlarge free in us-east-1a now" in run("start")[2]


def test_a_quota_of_spot_is_named_as_such(stage: Stage, run: Run) -> None:
    stage.put(market="spot")
    stage.spot(stage.launch(state="stopped"), "persistent")
    stage.answer("StartInstances", refused("MaxSpotInstanceCountExceeded"))

    assert "All G and VT Spot Instance Requests" in run("start")[2]


def test_a_start_out_of_turn_is_asked_for_again(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopped")
    stage.answer("StartInstances", refused("IncorrectInstanceState"), {})
    stage.happenings.extend([lambda: None, lambda: stage.set(machine, "running")])

    assert run("start")[0] == 0
    assert len(stage.calls("StartInstances")) == 2


@pytest.mark.parametrize("status", ["marked-for-stop", "instance-stopped-by-user", ""])
def test_a_spot_request_that_has_not_taken_note_of_the_stop_is_waited_for(
    stage: Stage, run: Run, clock: Clock, status: str
) -> None:
    stage.put(market="spot")
    machine = stage.launch(state="stopped")
    stage.spot(machine, "persistent", status)
    stage.answer("StartInstances", refused("IncorrectSpotRequestState"), refused("IncorrectSpotRequestState"), {})
    stage.happenings.extend([lambda: None, lambda: None, lambda: stage.set(machine, "running")])

    code, _, errors = run("start")

    assert code == 0
    assert "interrupted" not in errors
    assert len(stage.calls("StartInstances")) == 3
    assert len(clock.slept) == 3


def test_a_spot_request_that_never_lets_it_start_is_named_at_the_end_of_the_wait(
    stage: Stage, run: Run, clock: Clock
) -> None:
    stage.put(market="spot")
    stage.spot(stage.launch(state="stopped"), "persistent", "marked-for-stop")
    stage.answer("StartInstances", refused("IncorrectSpotRequestState"))

    code, _, errors = run("start", "--timeout", "60")

    assert code == 2
    assert sum(clock.slept) == 60
    assert errors.splitlines()[-1].startswith(
        "mlstack: workstation trainer is still stopped, and its Spot request says marked-for-stop after 1 min; "
    )


@pytest.mark.parametrize(
    "status",
    [
        "instance-stopped-by-price",
        "instance-stopped-no-capacity",
        "instance-stopped-capacity-oversubscribed",
        "marked-for-stop-by-experiment",
    ],
)
def test_a_spot_machine_that_aws_took_away_is_not_waited_for(stage: Stage, run: Run, clock: Clock, status: str) -> None:
    stage.put(market="spot")
    stage.spot(stage.launch(state="stopped"), "persistent", status)
    stage.answer("StartInstances", refused("IncorrectSpotRequestState"))

    code, _, errors = run("start")

    assert code == 2
    assert clock.slept == []
    assert errors.splitlines()[-1].startswith(
        "mlstack: workstation trainer: AWS interrupted this Spot machine, and only AWS starts it again"
    )


@pytest.mark.parametrize("fault", [refused("UnauthorizedOperation"), ABSENT], ids=["refused", "absent"])
def test_a_spot_request_that_cannot_be_asked_is_waited_for(stage: Stage, run: Run, fault: Answer) -> None:
    stage.put(market="spot")
    machine = stage.launch(state="stopped")
    stage.spot(machine, "persistent")
    stage.answer("DescribeSpotInstanceRequests", fault)
    stage.answer("StartInstances", refused("IncorrectSpotRequestState"), {})
    stage.happenings.extend([lambda: None, lambda: stage.set(machine, "running")])

    assert run("start")[0] == 0


def test_the_alarms_late_stop_of_a_spot_machine_is_mended_though_its_request_lags(stage: Stage, run: Run) -> None:
    stage.put(market="spot")
    machine = stage.launch(state="stopped")
    stage.spot(machine, "persistent", "marked-for-stop")
    stage.answer("StartInstances", {}, refused("IncorrectSpotRequestState"), {})
    stage.answer("DescribeAlarmsForMetric", alarm())
    ago = timedelta(minutes=-1)
    stage.happenings.extend(
        [
            lambda: stage.set(machine, "stopped", USER, ago=ago),
            lambda: None,
            lambda: stage.set(machine, "running"),
        ]
    )

    assert run("start")[0] == 0
    assert len(stage.calls("StartInstances")) == 3


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_that_may_still_ring_for_the_last_run_is_told(stage: Stage, run: Run, state: str) -> None:
    stage.put()
    stage.launch(state="stopped")
    stage.answer("DescribeAlarmsForMetric", alarm(state))
    stage.answer("GetMetricStatistics", last_beat(10))

    code, _, errors = run("start")

    assert code == 0
    assert " UTC its alarm may ring once for the time that it was off, and stop it: " in errors.splitlines()[-1]
    assert errors.endswith("start it again then with `mlstack workstation start trainer --aws`\n")


def test_an_alarm_that_may_still_terminate_it_is_told(stage: Stage, run: Run) -> None:
    stage.put(on_idle="terminate")
    stage.launch(state="stopped")
    stage.answer("DescribeAlarmsForMetric", alarm("OK", AlarmActions=["arn:aws:automate:us-east-1:ec2:terminate"]))
    stage.answer("GetMetricStatistics", last_beat(10))

    assert run("start")[2].endswith("and terminate it, disk and all: leave nothing on it that you need\n")


@pytest.mark.parametrize(
    ("said", "beats"),
    [
        (alarm("ALARM"), last_beat(10)),
        (alarm("OK", ActionsEnabled=False), last_beat(10)),
        (alarm("OK", AlarmActions=["arn:aws:sns:us-east-1:123456789012:people"]), last_beat(10)),
        ({"MetricAlarms": []}, last_beat(10)),
        (alarm("OK"), last_beat(36)),
        (alarm("OK"), last_beat(-300)),
        (alarm("OK"), {"Datapoints": []}),
        (refused("AccessDenied"), last_beat(10)),
        (alarm("OK"), ABSENT),
    ],
    ids=["rang", "disabled", "mail", "none", "long ago", "heard since", "never heard", "refused", "absent"],
)
def test_an_alarm_that_will_not_ring_for_the_last_run_is_not_told(
    stage: Stage, run: Run, said: Answer, beats: Answer
) -> None:
    stage.put()
    stage.launch(state="stopped")
    stage.answer("DescribeAlarmsForMetric", said)
    stage.answer("GetMetricStatistics", beats)

    code, _, errors = run("start")

    assert code == 0
    assert "alarm" not in errors


def test_a_start_is_not_waited_for_for_ever(stage: Stage, run: Run, clock: Clock) -> None:
    stage.put()
    stage.launch(state="pending")

    code, _, errors = run("start", "--timeout", "60")

    assert code == 2
    assert sum(clock.slept) == 60
    assert "is still pending after 1 min" in errors


def test_an_interrupted_start_says_that_it_goes_on(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="pending")

    def interrupt() -> None:
        raise KeyboardInterrupt

    stage.happenings.append(interrupt)

    code, _, errors = run("start")

    assert code == 130
    assert "it may go on starting, and cost; `mlstack workstation stop trainer --aws` stops it" in errors


def test_a_terminated_workstation_is_not_started_and_says_how_to_get_it_back(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="terminated")

    code, _, errors = run("start")

    assert code == 2
    assert "it was terminated; raise `edition` of [workstations.trainer] in the stage's profile and deploy it" in errors


def test_a_machine_that_is_terminated_meanwhile_is_not_waited_for(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="pending")
    stage.happenings.append(lambda: stage.set(machine, "terminated", reason="Server.SpotInstanceTermination"))

    code, _, errors = run("start")

    assert code == 2
    assert "it was terminated: Server.SpotInstanceTermination; raise its `edition` in the stage's profile" in errors


@pytest.mark.parametrize("answer", [refused("InvalidInstanceID.NotFound"), {"Reservations": []}])
def test_a_machine_that_ec2_forgets_meanwhile_is_told(stage: Stage, run: Run, answer: Answer) -> None:
    stage.put()
    stage.launch(state="stopped")
    now = client("ec2").describe_instances()
    stage.answer("DescribeInstances", now, answer)

    code, _, errors = run("start")

    assert code == 2
    assert "no more; raise `edition`" in errors


def test_a_right_that_is_lost_meanwhile_is_told(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="stopped")
    stage.answer("DescribeInstances", client("ec2").describe_instances(), refused("UnauthorizedOperation"))

    assert run("start")[2].splitlines()[-1].startswith("mlstack: AWS answered: ")


def test_a_workstation_without_settings_is_not_started(stage: Stage, run: Run) -> None:
    stage.put(text="{")
    stage.launch(state="stopped")

    code, _, errors = run("start")

    assert code == 2
    assert "no settings that can be read in /mlstack/sandbox/workstations/trainer; deploy the stage again" in errors
    assert stage.calls("StartInstances") == []


@pytest.mark.parametrize("fault", [refused("UnauthorizedOperation"), ABSENT], ids=["refused", "absent"])
@pytest.mark.parametrize(
    "operation", ["GetParametersByPath", "DescribeInstances", "StartInstances", "DescribeInstanceInformation"]
)
def test_what_aws_refuses_is_one_line_and_code_2(stage: Stage, run: Run, operation: str, fault: Answer) -> None:
    stage.put()
    stage.launch(state="stopped")
    stage.answer(operation, fault)

    code, output, errors = run("start")

    assert (code, output) == (2, "")
    assert errors.splitlines()[-1].startswith("mlstack: AWS ")
    assert errors.count("mlstack: ") == 1
