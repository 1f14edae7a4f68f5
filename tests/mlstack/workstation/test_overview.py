"""`mlstack workstation status` where a stage has several: a line each."""

import json
from datetime import UTC, datetime, timedelta

from tests.mlstack.workstation.conftest import Run, Stage
from tests.mlstack.workstation.test_disk import leave
from tests.mlstack.workstation.test_status import beat


def row(output: str, name: str) -> str:
    """The line of one, its columns apart by one space."""
    (found,) = [" ".join(line.split()) for line in output.splitlines() if line.startswith(name)]
    return found


def test_each_has_one_line_with_its_use_its_end_and_its_price(stage: Stage, run: Run) -> None:
    stage.put("busy")
    stage.put("fresh", running_price="at most $0.50 an hour")
    stage.put("off")
    stage.put("gone")
    beat(stage.launch("busy"), 7)
    stage.launch("fresh")
    stage.machine(stage.launch("off")).stop()

    code, output, errors = run("status")

    assert code == 0
    assert output.splitlines()[0] == "Workstations of stage sandbox on account 1"
    assert row(output, "busy").startswith("busy running g5.xlarge idle 7 min 20")
    assert row(output, "busy").endswith(" UTC $1.20 an hour")
    assert row(output, "fresh").startswith("fresh running g5.xlarge runs since 20")
    assert row(output, "fresh").endswith("at most $0.50 an hour")
    assert row(output, "off").startswith("off stopped g5.xlarge off since 20")
    assert row(output, "off").endswith(" UTC $10.10 a month for 125 GB and an alarm")
    assert row(output, "gone") == "gone terminated"
    assert errors == "more of one: `mlstack workstation status NAME --aws`\n"


def test_one_by_its_name_is_shown_at_length(stage: Stage, run: Run) -> None:
    for name in ("a", "b"):
        stage.put(name)
        stage.launch(name)

    output = run("status", "b")[1]

    assert output.startswith("Workstation b, stage sandbox")
    assert "price while stopped" in output


def test_one_that_is_kept_awake_says_until_when(stage: Stage, run: Run) -> None:
    stage.put("other")
    stage.put(max_hours=None)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
    beat(stage.launch(tags={"mlstack:keep-awake": f"{until:%Y-%m-%dT%H:%M:%SZ}"}), 0)

    shown = f"{until:%Y-%m-%d %H:%M} UTC"
    assert f"kept awake until {shown} {shown} " in row(run("status")[1], "trainer")


def test_one_whose_end_nobody_knows_says_so(stage: Stage, run: Run) -> None:
    stage.put("other")
    stage.launch()

    assert row(run("status")[1], "trainer").endswith(" UTC not known not known")


def test_what_costs_beside_them_is_named_too(stage: Stage, run: Run) -> None:
    stage.put("a")
    stage.put("b")
    deployed, stray = stage.launch("a"), stage.launch("a")
    stage.machine(deployed).add_tags({"aws:cloudformation:stack-name": "s"})
    disk = leave("b")

    errors = run("status")[2]

    assert f"a: also {stray}: running" in errors
    assert f"b: disk left over: {disk}: 200 GB" in errors
    assert f"delete-volume --volume-id {disk}" in errors


def test_names_from_outside_cannot_move_the_cursor(stage: Stage, run: Run) -> None:
    stage.put()
    stage.put("other", running_price="\x1b[2J[red]$1 an hour")
    stage.launch("other")
    stage.machine(stage.launch()).add_tags({"workstation": "a\x9b2J\nb"})

    code, output, errors = run("status")

    assert code == 0
    assert not set("\x1b\x9b") & set(output + errors)
    assert "[red]$1 an hour" in output


def test_a_script_reads_the_stage_and_the_disk_of_each(stage: Stage, run: Run) -> None:
    stage.put("a")
    stage.put("b")
    stage.launch("a")

    found = json.loads(run("status", "--json")[1])

    assert [(one["name"], one["stage"], one["volume_gb"]) for one in found] == [
        ("a", "sandbox", 125),
        ("b", "sandbox", None),
    ]
