"""`mlstack notebook`, as a person and as a script see it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from mlstack import command, deployment
from mlstack.account import Account
from mlstack.heartbeat import LOOK_BACK
from tests.mlstack.notebook.conftest import NAME
from tests.mlstack.wire import Clock, Spoken, Wire, refused, said

NOW = datetime.now(UTC).timestamp()
URL = "https://mlstack-sandbox.notebook.us-east-1.sagemaker.aws?authToken=secret"
ABSENT = EndpointConnectionError(endpoint_url="https://x")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code of `mlstack notebook`, and what it wrote."""
    code = 0
    try:
        command.main(["notebook", *arguments])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    written = capsys.readouterr()
    return code, written.out, written.err


def described(status: str, changed_at: float = NOW, **more: Any) -> Spoken:  # noqa: ANN401 - fields of any type
    """What DescribeNotebookInstance answers."""
    return said(
        NotebookInstanceName=NAME,
        NotebookInstanceStatus=status,
        InstanceType="ml.t3.medium",
        VolumeSizeInGB=5,
        LastModifiedTime=changed_at,
        **more,
    )


@pytest.mark.usefixtures("moto")
def test_a_notebook_is_stopped_started_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    stopped = run(capsys, "stop")
    again = run(capsys, "stop")
    started = run(capsys, "start")
    shown = run(capsys, "status", "--json")

    assert [code for code, _, _ in (stopped, again, started, shown)] == [0, 0, 0, 0]
    assert "mlstack-sandbox does not run: Stopped; price of its volume: $0.70 a month" in stopped[2]
    assert "Stopping mlstack-sandbox" not in again[2]
    assert "price of ml.t3.medium while it runs: $0.05 an hour" in started[2]
    assert "it stops itself when nobody has used it for 1 h, and 12 h after its start at the latest" in started[2]
    assert "UTC at the latest; open it with `mlstack notebook open`" in started[2]
    assert json.loads(shown[1])["status"] == "InService"


def test_a_notebook_that_is_heard_of_says_for_how_long_it_is_idle(
    capsys: pytest.CaptureFixture[str], moto: Account
) -> None:
    now = datetime.now(UTC)
    moto.client("cloudwatch").put_metric_data(
        Namespace="mlstack/Notebook",
        MetricData=[
            {
                "MetricName": "IdleMinutes",
                "Dimensions": [{"Name": "NotebookInstanceName", "Value": NAME}],
                "Timestamp": now - timedelta(minutes=ago),
                "Value": 40 - ago,
            }
            for ago in (0, 5)
        ],
    )

    found = json.loads(run(capsys, "status", "--json")[1])

    assert found["idle_minutes"] == 40
    assert found["stops_when_idle_at"] < found["stops_at_latest"]
    assert found["usd_so_far"] == 0


@pytest.mark.usefixtures("moto")
def test_the_table_shows_everything(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, errors = run(capsys, "status")

    assert code == 0
    assert errors == "next: `mlstack notebook open`\n"
    for shown in ("InService", "ml.t3.medium", "5 GB", "$0.05 an hour", "paid about so far", "stops itself"):
        assert shown in output


def test_the_name_of_a_running_notebook_leads_to_its_address_and_nowhere_else(
    capsys: pytest.CaptureFixture[str], real: Wire
) -> None:
    real.answer("DescribeNotebookInstance", described("InService"))
    real.answer("CreatePresignedNotebookInstanceUrl", said(AuthorizedUrl=URL))

    code, output, errors = run(capsys, "open")

    assert (code, output) == (0, f"{URL}&view=lab\n")
    assert "secret" not in errors


@pytest.mark.parametrize("opens", [True, False])
def test_a_browser_gets_the_address_and_only_where_there_is_none_it_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, real: Wire, *, opens: bool
) -> None:
    real.answer("DescribeNotebookInstance", described("InService"))
    real.answer("CreatePresignedNotebookInstanceUrl", said(AuthorizedUrl=URL))
    asked: list[str] = []

    def open_it(url: str) -> bool:
        asked.append(url)
        return opens

    monkeypatch.setattr("webbrowser.open", open_it)

    code, output, errors = run(capsys, "open", "--browser")

    assert (code, asked) == (0, [f"{URL}&view=lab"])
    assert ("secret" in output) is not opens
    assert "secret" not in errors


@pytest.mark.parametrize("words", ["open", "open --browser"])
def test_the_local_aws_says_that_an_address_leads_nowhere_and_opens_no_browser(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wire: Wire, words: str
) -> None:
    wire.answer("DescribeNotebookInstance", described("InService"))
    wire.answer("CreatePresignedNotebookInstanceUrl", said(AuthorizedUrl=URL))
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", asked.append)

    code, output, errors = run(capsys, *words.split())

    assert (code, output, asked) == (0, f"{URL}&view=lab\n", [])
    assert len(errors.splitlines()) == 1
    assert "this address leads nowhere" in errors


@pytest.mark.parametrize("status", ["Stopped", "Pending", "Failed"])
def test_what_does_not_run_cannot_be_opened(capsys: pytest.CaptureFixture[str], wire: Wire, status: str) -> None:
    wire.answer("DescribeNotebookInstance", described(status))

    code, output, errors = run(capsys, "open", "--stage", "team")

    assert (code, output) == (2, "")
    assert f"mlstack-sandbox is {status}; start it with `mlstack notebook start --stage team`" in errors


def test_the_local_aws_says_that_it_has_no_jupyterlab(capsys: pytest.CaptureFixture[str], wire: Wire) -> None:
    wire.answer("DescribeNotebookInstance", described("InService"))
    wire.answer("CreatePresignedNotebookInstanceUrl", refused("InternalFailure", status=500))

    code, _, errors = run(capsys, "open")

    assert (code, len(errors.splitlines())) == (2, 1)
    assert "the local AWS has no JupyterLab to open" in errors


@pytest.mark.parametrize(
    "on_the_way",
    [
        ["Stopping", "Stopping", "Stopped", "Pending", "InService"],
        ["Updating", "Stopped", "Stopped", "Pending", "InService"],
        ["Stopped", "Pending", "InService"],
        ["Failed", "Failed", "Pending", "InService"],
    ],
)
def test_a_start_waits_for_what_happens_and_asks_once(
    capsys: pytest.CaptureFixture[str], wire: Wire, on_the_way: list[str]
) -> None:
    wire.answer("DescribeNotebookInstance", described(on_the_way[0]), *map(described, on_the_way))
    wire.answer("StartNotebookInstance", said())

    code, _, _ = run(capsys, "start")

    assert code == 0
    assert wire.calls("StartNotebookInstance") == ["StartNotebookInstance"]


@pytest.mark.parametrize("status", ["Pending", "PendingMaintenance", "InMaintenance"])
def test_a_notebook_that_starts_already_is_waited_for(
    capsys: pytest.CaptureFixture[str], wire: Wire, status: str
) -> None:
    wire.answer("DescribeNotebookInstance", described(status), described(status), described("InService"))

    assert run(capsys, "start")[0] == 0
    assert wire.calls("StartNotebookInstance") == []


def test_a_start_that_fails_says_why_in_one_line(capsys: pytest.CaptureFixture[str], wire: Wire) -> None:
    failed = described("Failed", NOW + 60, FailureReason="Lifecycle script\nended with 1")
    wire.answer("DescribeNotebookInstance", described("Stopped"), described("Stopped"), described("Pending"), failed)
    wire.answer("StartNotebookInstance", said())

    code, _, errors = run(capsys, "start")

    assert code == 2
    assert errors.splitlines()[-1] == (
        "mlstack: notebook mlstack-sandbox: it failed to start: Lifecycle script ended with 1"
    )


def test_a_start_is_not_waited_for_for_ever(capsys: pytest.CaptureFixture[str], wire: Wire, clock: Clock) -> None:
    wire.answer("DescribeNotebookInstance", described("Pending"))

    code, _, errors = run(capsys, "start", "--timeout", "600")

    assert code == 2
    assert sum(clock.slept) == 600
    assert "is still Pending after 10 min; `mlstack notebook status` shows what becomes of it" in errors


def test_a_start_that_somebody_else_was_quicker_with_goes_on(capsys: pytest.CaptureFixture[str], wire: Wire) -> None:
    wire.answer("DescribeNotebookInstance", *map(described, ("Stopped", "Stopped", "Pending", "InService")))
    wire.answer("StartNotebookInstance", refused("ValidationException", "Status (Pending): Unable to transition to x"))

    assert run(capsys, "start")[0] == 0


def test_an_interrupted_start_says_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wire: Wire
) -> None:
    wire.answer("DescribeNotebookInstance", described("Pending"))

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mlstack.patience.sleep", interrupt)

    code, _, errors = run(capsys, "start")

    assert code == 130
    assert "it may go on starting, and cost; `mlstack notebook stop` stops it" in errors


def test_a_stop_waits_for_a_start_that_is_on_its_way(capsys: pytest.CaptureFixture[str], wire: Wire) -> None:
    wire.answer(
        "DescribeNotebookInstance",
        *map(described, ("Pending", "Pending", "InService", "InService", "Stopping", "Stopped")),
    )
    wire.answer("StopNotebookInstance", said())

    assert run(capsys, "stop")[0] == 0
    assert wire.calls("StopNotebookInstance") == ["StopNotebookInstance"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("InService", (0, "is stopping; `mlstack notebook status` says when")),
        ("Stopping", (0, "is stopping")),
        ("Stopped", (0, "does not run: Stopped")),
        ("Failed", (0, "does not run: Failed")),
        ("Pending", (2, "is Pending, and AWS stops it only while it runs")),
        ("Updating", (2, "is Updating")),
    ],
)
def test_a_stop_that_is_not_waited_for_asks_at_most_once(
    capsys: pytest.CaptureFixture[str], wire: Wire, clock: Clock, status: str, expected: tuple[int, str]
) -> None:
    wire.answer("DescribeNotebookInstance", described(status))
    wire.answer("StopNotebookInstance", said())

    code, _, errors = run(capsys, "stop", "--no-wait")

    assert code == expected[0]
    assert expected[1] in errors
    assert clock.slept == []
    assert len(wire.calls("StopNotebookInstance")) == (status == "InService")


@pytest.mark.parametrize("error", [refused("AccessDeniedException", "no\nway"), ABSENT], ids=["refused", "absent"])
@pytest.mark.parametrize(
    ("words", "operation"),
    [
        ("start", "DescribeNotebookInstance"),
        ("start", "StartNotebookInstance"),
        ("stop", "DescribeNotebookInstance"),
        ("stop", "StopNotebookInstance"),
        ("stop --no-wait", "StopNotebookInstance"),
        ("open", "DescribeNotebookInstance"),
        ("status", "DescribeNotebookInstance"),
    ],
)
def test_what_aws_refuses_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], wire: Wire, words: str, operation: str, error: Spoken | Exception
) -> None:
    wire.answer("DescribeNotebookInstance", described("Stopped" if words == "start" else "InService"))
    wire.answer(operation, error)

    code, output, errors = run(capsys, *words.split())

    assert (code, output) == (2, "")
    assert errors.splitlines()[-1].startswith("mlstack: AWS ")
    assert errors.count("mlstack: ") == 1


@pytest.mark.parametrize("error", [refused("AccessDenied"), ABSENT], ids=["refused", "absent"])
def test_a_status_is_shown_even_where_the_heartbeat_may_not_be_read(
    capsys: pytest.CaptureFixture[str], wire: Wire, error: Spoken | Exception
) -> None:
    yesterday = datetime.now(UTC).timestamp() - 86_400
    wire.answer("DescribeNotebookInstance", described("InService", yesterday))
    wire.answer("GetMetricStatistics", error)

    code, output, _ = run(capsys, "status")

    assert code == 0
    assert "InService" in output
    assert "$1.20" in output
    assert "not known: " in output


def test_no_more_heartbeats_are_asked_for_than_cloudwatch_gives() -> None:
    assert LOOK_BACK / timedelta(seconds=60) < 1_440


def test_a_notebook_that_is_gone_is_said_to_be(capsys: pytest.CaptureFixture[str], wire: Wire) -> None:
    wire.answer("DescribeNotebookInstance", refused("ValidationException", "RecordNotFound"))

    code, _, errors = run(capsys, "status")

    assert code == 2
    assert "notebook mlstack-sandbox is gone, though its stack is there" in errors


@pytest.mark.usefixtures("moto")
def test_a_stage_without_a_notebook_names_the_next_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment, "outputs", lambda *_: {})

    code, _, errors = run(capsys, "start")

    assert code == 2
    assert "has no notebook; say enabled = true in [notebook] and deploy it" in errors


def test_a_name_from_outside_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str], wire: Wire) -> None:
    wire.answer("DescribeNotebookInstance", described("Failed", FailureReason="[red]a\x1b[2Jb"))

    assert "[red]a�[2Jb" in run(capsys, "status")[1]


@pytest.mark.usefixtures("moto")
@pytest.mark.parametrize("words", ["", "start", "stop", "open", "status"])
def test_everything_explains_itself(capsys: pytest.CaptureFixture[str], words: str) -> None:
    code, output, _ = run(capsys, *words.split(), "--help") if words else run(capsys, "--help")

    assert code == 0
    assert f"Example: mlstack notebook {words}" in output
