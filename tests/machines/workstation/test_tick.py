"""A whole tick on a workstation in a folder: what it tells, remembers and runs, and what no fault can make it do."""

import json
import shutil
import sys
import time
from collections.abc import Callable

import pytest

from tests.machines.machine import PTS
from tests.machines.workstation.conftest import Web
from tests.machines.workstation.workstation import NAME, REGION, Workstation
from workstation_agent import memory, tick
from workstation_agent.settings import TICK_S, read

MINUTE, HOUR = 60.0, 3600.0
FORCED = "systemctl poweroff --force"
STOPPED = "shutdown -P now"


def ticks(
    workstation: Workstation,
    *,
    begin: float = 60.0,
    end: float,
    each: Callable[[float], None] = lambda _now: None,
    heard: list[str] | None = None,
    **told: float | str,
) -> float:
    """Tick every minute until the machine is told to shut down, or to the end; say when that was."""
    now = begin
    while now <= end and not workstation.ran():
        workstation.uptime(now)
        each(now)
        tick.tick(workstation.told(**told))
        (heard if heard is not None else []).extend(workstation.heard())
        now += TICK_S
    return now - TICK_S


def beats(workstation: Workstation) -> list[float]:
    """The idle minutes that CloudWatch heard of."""
    return [json.loads(call[-1])["MetricData"][0]["Value"] for call in workstation.calls()]


def test_first_tick_of_a_boot_puts_the_idle_minutes(workstation: Workstation) -> None:
    code = tick.tick(workstation.told())

    [[service, operation, *words, told]] = workstation.calls()
    assert code == 0
    assert (service, operation, words) == ("cloudwatch", "put-metric-data", ["--region", REGION, "--cli-input-json"])
    assert json.loads(told) == {
        "Namespace": "mlstack/Workstation",
        "MetricData": [
            {"MetricName": "IdleMinutes", "Dimensions": [{"Name": "InstanceId", "Value": NAME}], "Value": 10.0}
        ],
    }


def test_box_that_was_never_used_stops_after_half_an_hour_with_a_heartbeat_every_five_minutes(
    workstation: Workstation,
) -> None:
    workstation.shown(0, typed=1_700_000_000, written=1_700_000_000)

    heard: list[str] = []

    stopped = ticks(workstation, end=2 * HOUR, heard=heard)

    assert stopped == 30 * MINUTE
    assert workstation.ran() == [STOPPED]
    assert beats(workstation) == [1, 6, 11, 16, 21, 26]
    *warnings, farewell = heard
    told = [warning.partition(" stops in ")[2].partition(",")[0] for warning in warnings]
    assert told == ["10 minutes", "5 minutes", "2 minutes", "1 minute"]
    assert "keep-awake 2h" in warnings[0]
    assert "This workstation stops now: nobody has used it for 30 min (last use: start)" in farewell


@pytest.mark.parametrize("kind", ["cpu", "disk", "network", "gpu"])
def test_work_without_a_terminal_goes_on_and_the_box_stops_half_an_hour_after_it(
    workstation: Workstation, kind: str
) -> None:
    key = workstation.process("wget", uid=1000, pid=500)

    def work(now: float) -> None:
        done = min(now, HOUR)
        if kind == "cpu":
            workstation.process("wget", uid=1000, pid=500, cpu_s=done * 0.2)
        elif kind == "disk":
            workstation.moves(key, int(done) * 1024**2)
        elif kind == "network":
            workstation.traffic(int(done) * 1024**2)
        else:
            workstation.program("bin/nvidia-smi", f"#!/bin/sh\necho '{50 if now < HOUR else 0}, 4000'\n")

    stopped = ticks(workstation, end=9 * HOUR, each=work)

    assert 90 * MINUTE - 2 * MINUTE <= stopped <= 90 * MINUTE + 2 * MINUTE


def test_forgotten_sessions_and_a_monitor_do_not_hold_it(workstation: Workstation) -> None:
    workstation.process("bash", uid=1000, terminal=PTS)
    workstation.process("vim", uid=1000, terminal=PTS | 1)
    workstation.process("htop", uid=1000, terminal=PTS | 2, pid=600)

    def show(now: float) -> None:
        workstation.process("htop", uid=1000, terminal=PTS | 2, pid=600, cpu_s=now * 0.1)
        for number in (0, 1):
            if not (workstation.root / f"dev/pts/{number}").exists():
                workstation.shown(number, typed=1_000_000_000, written=1_000_000_000)
        workstation.shown(2, typed=1_000_000_000, written=time.time())

    assert ticks(workstation, end=9 * HOUR, each=show) < 31 * MINUTE


def test_wish_holds_nothing_where_the_profile_allows_none(workstation: Workstation) -> None:
    workstation.write("run/mlstack/keep-awake", f"{time.time() + 9 * HOUR:.0f}\n")

    assert ticks(workstation, end=2 * HOUR, keep_awake_s=0.0) == 30 * MINUTE
    assert workstation.last()["kept_until"] is None


MOUNTED = "/dev/root / ext4 rw 0 0\n/dev/mapper/vg.01-lv_ephemeral /opt/dlami/nvme ext4 rw,relatime 0 0\n"


@pytest.mark.parametrize(
    ("mounts", "loses"),
    [
        (MOUNTED, True),
        (MOUNTED.replace("/opt/dlami/nvme", "/opt/dlami/nvme2"), False),
        (MOUNTED.replace("/opt/dlami/nvme", "/mnt").replace("/dev/root", "/opt/dlami/nvme"), False),
        ("", False),
        ("\n/opt/dlami/nvme\n \n", False),
        (None, False),
    ],
    ids=["mounted", "another name", "a device", "empty", "torn", "no table"],
)
def test_people_are_told_that_a_stop_empties_the_disks_inside_the_host(
    workstation: Workstation, mounts: str | None, *, loses: bool
) -> None:
    if mounts is not None:
        workstation.write("proc/mounts", mounts)
    workstation.shown(0, typed=1_000_000_000, written=1_000_000_000)
    heard: list[str] = []

    ticks(workstation, begin=19 * MINUTE, end=20 * MINUTE, heard=heard)
    ticks(workstation, begin=HOUR - MINUTE, end=HOUR, heard=heard, longest_s=2 * HOUR, idle_s=3 * HOUR)

    idle, life = heard
    for text, reason in ((idle, "nobody has used it"), (life, "it may run for 2 hours")):
        assert f" UTC{', and what lies in /opt/dlami/nvme is lost' * loses}: {reason}" in text


def test_keep_awake_holds_it_to_its_end_and_cloudwatch_hears_of_no_idle_time(workstation: Workstation) -> None:
    def wish(now: float) -> None:
        if now == 20 * MINUTE:
            workstation.write("run/mlstack/keep-awake", f"{time.time() + HOUR:.0f}\n")

    stopped = ticks(workstation, end=9 * HOUR, each=wish)

    assert HOUR + 20 * MINUTE <= stopped <= HOUR + 22 * MINUTE
    assert beats(workstation)[:4] == [1, 6, 11, 16]
    assert set(beats(workstation)[4:]) == {0.0}


def test_tag_far_ahead_holds_it_so_many_hours_and_no_more(workstation: Workstation, metadata: Web) -> None:
    metadata.tagged("2199-01-01T00:00:00Z")

    stopped = ticks(workstation, end=11 * HOUR, keep_awake_s=HOUR)

    assert HOUR <= stopped <= HOUR + 2 * MINUTE
    assert workstation.last()["kept_until"] is None


def test_cap_ends_what_works(workstation: Workstation) -> None:
    workstation.program("bin/nvidia-smi", "#!/bin/sh\necho '90, 4000'\n")
    workstation.shown(0, typed=1_000_000_000, written=1_000_000_000)

    heard: list[str] = []

    stopped = ticks(workstation, end=9 * HOUR, heard=heard, longest_s=2 * HOUR)

    assert 2 * HOUR - 2 * MINUTE <= stopped <= 2 * HOUR
    assert [text.partition(" UTC")[0].partition(" stops in ")[2][:2] for text in heard] == ["60", "12", ""]
    assert all("it may run for 2 hours at a time" in text for text in heard[:2])
    assert "stops now: it has run for 2.0 h, and may for 2 h" in heard[2]


def test_people_are_told_when_it_will_be_terminated(workstation: Workstation) -> None:
    workstation.shown(0, typed=1_000_000_000, written=1_000_000_000)

    heard: list[str] = []

    ticks(workstation, end=HOUR, heard=heard, on_idle="terminate")

    assert "is TERMINATED with its disk in 10 minutes" in heard[0]
    assert "is TERMINATED with its disk now" in heard[-1]


def test_machine_that_still_runs_after_it_was_told_to_shut_down_is_forced_even_if_it_is_used(
    workstation: Workstation,
) -> None:
    ticks(workstation, end=HOUR)
    workstation.program("bin/nvidia-smi", "#!/bin/sh\necho '90, 4000'\n")
    calls = len(workstation.calls())

    tick.tick(workstation.told())
    tick.tick(workstation.told())

    assert workstation.ran() == [STOPPED, FORCED, FORCED]
    assert len(workstation.calls()) == calls


def test_shutdown_that_fails_is_forced_in_the_same_tick(workstation: Workstation) -> None:
    workstation.program_fails("shutdown")

    ticks(workstation, end=HOUR)

    assert workstation.ran() == [STOPPED, FORCED]


def test_stop_that_fails_altogether_is_tried_again_and_no_heartbeat_is_sent(workstation: Workstation) -> None:
    workstation.program_fails("shutdown")
    workstation.program_fails("systemctl")
    ticks(workstation, end=HOUR)
    calls = len(workstation.calls())

    code = tick.tick(workstation.told())

    assert code == 1
    assert workstation.ran() == [STOPPED, FORCED, FORCED]
    assert len(workstation.calls()) == calls


def test_new_boot_forgets_that_the_last_one_was_told_to_shut_down(workstation: Workstation) -> None:
    ticks(workstation, end=HOUR)
    workstation.write("proc/sys/kernel/random/boot_id", "another\n")
    workstation.uptime(60)

    assert tick.tick(workstation.told()) == 0
    assert workstation.ran() == [STOPPED]
    assert workstation.last()["idle_minutes"] == 1.0


def test_heartbeat_that_fails_is_tried_again_at_the_next_tick(workstation: Workstation) -> None:
    workstation.aws_fails()
    workstation.uptime(100)
    first = tick.tick(workstation.told())
    workstation.aws_fails(None)
    workstation.uptime(160)

    second = tick.tick(workstation.told())

    assert (first, second, workstation.asked()) == (1, 0, ["put-metric-data"] * 2)


@pytest.mark.parametrize("fault", ["corrupt", "a folder", "of another boot", "unwritable"])
def test_lost_memory_stops_nobody_who_works_and_keeps_nothing_that_idles(
    workstation: Workstation, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = workstation.root / "run/mlstack/state.json"
    seconds = iter(range(1, 10_000))

    def wait(_seconds: float) -> None:
        workstation.uptime(float((workstation.root / "proc/uptime").read_text().split()[0]) + 20)
        workstation.process("python", uid=1000, pid=500, cpu_s=next(seconds) * 20 if works else 1)

    def lose(now: float) -> None:
        if fault == "unwritable":
            if (workstation.root / "run").is_dir():
                (workstation.root / "run").rmdir()
            (workstation.root / "run").touch()
        elif fault == "a folder":
            state.unlink() if state.is_file() else state.mkdir(parents=True, exist_ok=True)
        elif fault == "corrupt":
            workstation.write("run/mlstack/state.json", f"torn at {now}")
        else:
            workstation.write("proc/sys/kernel/random/boot_id", f"boot at {now}")

    monkeypatch.setattr(time, "sleep", wait)
    works = True
    ticks(workstation, begin=HOUR, end=1.3 * HOUR, each=lose)
    busy = workstation.ran()
    works = False
    ticks(workstation, begin=1.4 * HOUR, end=6 * HOUR, each=lose)

    assert busy == []
    assert workstation.ran() == [STOPPED]


def test_machine_on_which_nothing_can_be_read_stops(workstation: Workstation) -> None:
    for path in ("dev/pts", "home", "opt", "root"):
        place = workstation.root / path
        place.exists() and place.rename(workstation.root / f"gone-{place.name}")
    uptime = workstation.root / "proc/uptime"
    workstation.program("bin/nvidia-smi", "#!/bin/sh\nexit 1\n")
    workstation.aws_fails()

    stopped = ticks(
        workstation,
        end=2 * HOUR,
        each=lambda _now: shutil.rmtree(workstation.root / "proc/1", ignore_errors=True),
        metadata="http://127.0.0.1:1",
        region="",
    )

    assert uptime.exists()
    assert stopped < 31 * MINUTE


@pytest.mark.parametrize("jump", [-400 * 86_400.0, -HOUR, HOUR, 400 * 86_400.0])
def test_clock_that_jumps_neither_stops_nor_holds_it(
    workstation: Workstation, jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = time.time

    def turn(now: float) -> None:
        ahead = now + (jump if now > 15 * MINUTE else 0.0)
        monkeypatch.setattr(time, "time", lambda: 1_795_000_000 + ahead)
        if now < 10 * MINUTE:
            workstation.shown(0, typed=1_795_000_000 + now, written=1_795_000_000 + now)

    stopped = ticks(workstation, end=3 * HOUR, each=turn)
    monkeypatch.setattr(time, "time", right)

    assert 39 * MINUTE <= stopped <= 41 * MINUTE


def test_people_can_read_how_things_are(workstation: Workstation, capsys: pytest.CaptureFixture[str]) -> None:
    workstation.write("run/mlstack/keep-awake", f"{time.time() + HOUR:.0f}\n")

    tick.tick(workstation.told())

    told = workstation.last()
    assert (told["idle_minutes"], told["last_use"], told["stop"]) == (10.0, "start", None)
    assert told["left_minutes"] == pytest.approx(60, abs=1)
    assert str(told["kept_until"]).endswith("Z")
    assert (workstation.root / "run/mlstack/last.json").stat().st_mode & 0o777 == 0o644
    assert (workstation.root / "run/mlstack").stat().st_mode & 0o005 == 0o005
    [said] = capsys.readouterr().out.splitlines()
    assert said == "mlstack: idle for 10.0 min (last use: start); kept awake for 60 min; 60 min left"


def test_what_was_not_believed_is_said(workstation: Workstation, capsys: pytest.CaptureFixture[str]) -> None:
    workstation.write("opt/mlstack/settings.json", "{")

    tick.tick(
        read(
            {
                "AGENT_ROOT": str(workstation.root),
                "AGENT_METADATA": workstation.metadata,
                "AGENT_SECOND_LOOK_S": "0",
            }
        )
    )

    assert "opt/mlstack/settings.json cannot be read, so the defaults hold" in capsys.readouterr().out


def test_messages_are_remembered_as_the_agent_s_own(workstation: Workstation) -> None:
    workstation.process("vim", uid=1000, terminal=PTS)
    workstation.shown(0, typed=1_000_000_000, written=1_000_000_000)

    heard: list[str] = []
    ticks(workstation, end=22 * MINUTE, heard=heard)

    kept = memory.load(workstation.root / "run/mlstack/state.json", "7b1a", HOUR)
    assert kept is not None
    assert abs(kept.told - time.time()) < 60
    assert len(heard) == 1
    assert ticks(workstation, begin=23 * MINUTE, end=HOUR) == 30 * MINUTE


def test_instance_is_known_by_ec2_where_cloud_init_left_nothing(workstation: Workstation, metadata: Web) -> None:
    (workstation.root / "var/lib/cloud/data/instance-id").unlink()
    metadata.answers["/latest/meta-data/instance-id"] = (200, "i-0fff")
    metadata.answers["/latest/meta-data/placement/region"] = (200, "eu-south-2")

    assert tick.instance(workstation.told(region="")) == ("i-0fff", "eu-south-2")


def run(monkeypatch: pytest.MonkeyPatch, workstation: Workstation, *words: str) -> int:
    """As the unit runs it."""
    monkeypatch.setattr(sys, "argv", ["agent.py", *words])
    monkeypatch.setenv("AGENT_ROOT", str(workstation.root))
    monkeypatch.setenv("AGENT_METADATA", workstation.metadata)
    monkeypatch.setenv("AGENT_SECOND_LOOK_S", "0")
    return tick.main()


def test_check_names_the_instance(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, workstation, "check") == 0
    assert capsys.readouterr().out == f"mlstack watches {NAME} in {REGION}\n"
    assert not (workstation.root / "run/mlstack").exists()


def test_check_that_finds_no_instance_says_where_it_looked(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (workstation.root / "var/lib/cloud/data/instance-id").unlink()

    assert run(monkeypatch, workstation, "check") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert str(workstation.root / "var/lib/cloud/data/instance-id") in line


def test_no_word_ticks(workstation: Workstation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, workstation) == 0
    assert workstation.asked() == ["put-metric-data"]
