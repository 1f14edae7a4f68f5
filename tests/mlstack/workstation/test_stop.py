"""`mlstack workstation stop`: what can be stopped is; what can only be terminated waits for a person's word."""

from functools import partial

import pytest
from botocore.exceptions import EndpointConnectionError

from mlstack.workstation.machine import KEEP_AWAKE
from tests.mlstack.wire import Clock
from tests.mlstack.workstation.conftest import Answer, Run, Stage, refused

ABSENT = EndpointConnectionError(endpoint_url="https://x")
ENDING = ("stop", "trainer", "--stage", "sandbox", "--execute")


def test_a_stopped_workstation_says_what_its_disk_costs(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch()

    code, output, errors = run("stop")

    assert (code, output) == (0, "")
    assert "trainer does not run: stopped; price of its disk: $10.10 a month for 125 GB and an alarm" in errors
    assert stage.machine(machine).state == "stopped"


def test_a_stop_waits_for_a_start_that_is_on_its_way_and_asks_once(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="pending")
    stage.answer("StopInstances", refused("IncorrectInstanceState"), {})
    for state in ("running", "stopping", "stopped"):
        stage.happenings.append(partial(stage.set, machine, state))

    assert run("stop")[0] == 0
    assert len(stage.calls("StopInstances")) == 2


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("running", "is stopping; `mlstack workstation status trainer --aws` says when it has ended"),
        ("stopping", "is stopping"),
        ("stopped", "does not run: stopped"),
    ],
)
def test_a_stop_that_is_not_waited_for_asks_at_most_once(
    stage: Stage, run: Run, clock: Clock, state: str, expected: str
) -> None:
    stage.put()
    stage.launch(state=state)
    stage.answer("StopInstances", {})

    code, _, errors = run("stop", "--no-wait")

    assert code == 0
    assert expected in errors
    assert clock.slept == []
    assert len(stage.calls("StopInstances")) == (state == "running")


def test_a_stop_out_of_turn_that_is_not_waited_for_says_so(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="pending")
    stage.answer("StopInstances", refused("IncorrectInstanceState"))

    code, _, errors = run("stop", "--no-wait")

    assert code == 2
    assert "trainer is pending, and AWS takes no stop now; say it again without --no-wait" in errors


def test_a_one_time_spot_machine_is_not_ended_without_a_persons_word(stage: Stage, run: Run) -> None:
    stage.put(market="spot", on_idle="terminate")
    machine = stage.launch()
    stage.spot(machine, "one-time")

    code, _, errors = run("stop")

    assert code == 0
    assert "cannot be stopped: it would be terminated, and its disk, with all that lies on it, would be lost" in errors
    assert "raise `edition` of [workstations.trainer]" in errors
    assert "nothing was ended; `mlstack workstation stop trainer --execute --aws --stage sandbox` ends it" in errors
    assert stage.machine(machine).state == "running"


def test_a_one_time_spot_machine_is_terminated_at_a_persons_word(stage: Stage, run: Run) -> None:
    stage.put(market="spot", on_idle="terminate")
    machine = stage.launch()
    stage.spot(machine, "one-time")

    code, _, errors = run(*ENDING)

    assert code == 0
    assert "Terminating trainer" in errors
    assert "trainer has no machine any more; raise `edition`" in errors
    assert stage.machine(machine).state == "terminated"
    assert stage.calls("StopInstances") == []


def test_a_persistent_spot_machine_is_stopped(stage: Stage, run: Run) -> None:
    stage.put(market="spot")
    machine = stage.launch()
    stage.spot(machine, "persistent")

    assert run("stop")[0] == 0
    assert stage.machine(machine).state == "stopped"


@pytest.mark.parametrize(("on_idle", "state"), [("terminate", "running"), ("stop", "stopped")])
@pytest.mark.parametrize("forgets", [True, False])
def test_where_ec2_has_forgotten_the_request_the_profile_says_what_it_was(
    stage: Stage, run: Run, on_idle: str, state: str, *, forgets: bool
) -> None:
    stage.put(market="spot", on_idle=on_idle)
    machine = stage.launch()
    stage.spot(machine, None)
    if forgets:
        stage.answer("DescribeSpotInstanceRequests", refused("InvalidSpotInstanceRequestID.NotFound"))

    assert run("stop")[0] == 0
    assert stage.machine(machine).state == state


def test_an_on_demand_machine_that_ends_itself_by_terminating_is_stopped_here(stage: Stage, run: Run) -> None:
    stage.put(on_idle="terminate", daily_stop="22:00")
    machine = stage.launch()

    code, _, errors = run("stop")

    assert code == 0
    assert stage.machine(machine).state == "stopped"
    assert errors.startswith(
        'trainer: on_idle = "terminate": stopped by hand it stays, and its disk bills, only until a belt outside '
        "terminates it, and its disk with it: its alarm, about half an hour later, or the daily stop, every day at 22:"
    )
    assert errors.endswith("trainer does not run: stopped\n")


def test_one_that_stays_stopped_is_said_nothing_of_a_belt_that_ends_it(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch()

    assert "belt" not in run("stop", "--no-wait")[2]


def test_one_that_a_belt_will_end_is_said_so_where_nobody_waits(stage: Stage, run: Run) -> None:
    stage.put(on_idle="terminate")
    stage.launch()

    errors = run("stop", "--no-wait")[2]

    assert "its alarm, about half an hour later\n" in errors
    assert "daily" not in errors


@pytest.mark.parametrize("words", [("stop", "--execute"), ("stop", "trainer", "--execute"), ENDING[:1] + ENDING[2:]])
def test_an_end_wants_the_name_and_the_stage_said(stage: Stage, run: Run, words: tuple[str, ...]) -> None:
    stage.put(market="spot", on_idle="terminate")
    machine = stage.launch()
    stage.spot(machine, "one-time")

    code, _, errors = run(*words)

    assert code == 2
    assert "--execute wants the workstation's name and the stage said" in errors
    assert stage.machine(machine).state == "running"


def test_a_machine_that_goes_on_under_the_same_name_is_named_with_what_stops_it(stage: Stage, run: Run) -> None:
    stage.put()
    deployed, stray = stage.launch(), stage.launch()
    stage.machine(deployed).add_tags({"aws:cloudformation:stack-name": "s"})

    errors = run("stop")[2]

    assert f"`aws ec2 stop-instances --instance-ids {stray} --region us-east-1` stops it" in errors
    assert stage.machine(stray).state == "running"


def test_a_workstation_without_settings_is_stopped_all_the_same(stage: Stage, run: Run) -> None:
    machine = stage.launch("forgotten")

    code, _, errors = run("stop")

    assert code == 0
    assert "price of its disk: $10.10 a month for 125 GB and an alarm" in errors
    assert stage.machine(machine).state == "stopped"


def test_a_stop_takes_the_wish_to_be_kept_awake_away(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(tags={KEEP_AWAKE: "2099-01-01T00:00:00Z"})

    assert run("stop")[0] == 0
    assert KEEP_AWAKE not in stage.tags(machine)


def test_a_stop_without_such_a_wish_takes_nothing_away(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch()
    run("stop")

    assert stage.calls("DeleteTags") == []


@pytest.mark.parametrize("fault", [refused("UnauthorizedOperation"), ABSENT], ids=["refused", "absent"])
def test_a_wish_that_stays_keeps_nothing_from_being_stopped_and_is_told(stage: Stage, run: Run, fault: Answer) -> None:
    stage.put()
    machine = stage.launch(tags={KEEP_AWAKE: "2099-01-01T00:00:00Z"})
    stage.answer("DeleteTags", fault)

    code, _, errors = run("stop")

    assert code == 0
    assert stage.machine(machine).state == "stopped"
    assert "could not be taken away: " in errors
    assert "try `mlstack workstation keep-awake trainer off --aws`" in errors


def test_a_machine_that_is_not_ended_keeps_its_wish(stage: Stage, run: Run) -> None:
    stage.put(market="spot", on_idle="terminate")
    machine = stage.launch(tags={KEEP_AWAKE: "2099-01-01T00:00:00Z"})
    stage.spot(machine, "one-time")

    assert run("stop")[0] == 0
    assert KEEP_AWAKE in stage.tags(machine)


def test_a_stop_is_not_waited_for_for_ever(stage: Stage, run: Run, clock: Clock) -> None:
    stage.put()
    stage.launch(state="stopping")

    code, _, errors = run("stop", "--timeout", "60")

    assert code == 2
    assert sum(clock.slept) == 60
    assert "is still stopping after 1 min" in errors


def test_a_terminated_workstation_says_how_to_get_it_back(stage: Stage, run: Run) -> None:
    stage.put()

    code, _, errors = run("stop")

    assert code == 2
    assert "raise `edition`" in errors


@pytest.mark.parametrize("fault", [refused("UnauthorizedOperation"), ABSENT], ids=["refused", "absent"])
@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("GetParametersByPath", "persistent"),
        ("DescribeInstances", "persistent"),
        ("DescribeSpotInstanceRequests", "persistent"),
        ("StopInstances", "persistent"),
        ("TerminateInstances", "one-time"),
    ],
)
def test_what_aws_refuses_is_one_line_and_code_2(
    stage: Stage, run: Run, operation: str, kind: str, fault: Answer
) -> None:
    stage.put()
    stage.spot(stage.launch(), kind)
    stage.answer(operation, fault)

    code, output, errors = run(*ENDING)

    assert (code, output) == (2, "")
    assert errors.splitlines()[-1].startswith("mlstack: AWS ")
    assert errors.count("mlstack: ") == 1
