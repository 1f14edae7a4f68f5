"""`mlstack endpoint`, as a person and as a script see it."""

import json

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.mlstack.endpoint.conftest import NAMES, Run, described
from tests.mlstack.wire import Spoken, Wire, refused, said


def component(status: str = "InService", **more: object) -> Spoken:
    """What DescribeInferenceComponent answers."""
    return said(
        InferenceComponentStatus=status,
        LastModifiedTime=1_800_000_000,
        RuntimeConfig={"CurrentCopyCount": 0, "DesiredCopyCount": 1},
        **more,
    )


def test_every_endpoint_is_listed_with_what_serves(wire: Wire, run: Run) -> None:
    wire.answer("DescribeInferenceComponent", component())

    code, output, _ = run("endpoint", "list")

    rows = {line.split()[0]: line for line in output.splitlines() if line.split() and line.split()[0] in NAMES}
    assert code == 0
    assert rows.keys() == NAMES.keys()
    assert "serverless" in rows["fast"]
    assert "on demand" in rows["fast"]
    assert "1 of 2" in rows["steady"]
    assert "0 of 1 copy on 1 of 2 instances" in rows["waste-sorter"]
    assert all("$0.00 a month" in row for row in rows.values())
    assert "2026-09-21 14:13 UTC" in rows["steady"]
    assert "2027-01-15 08:00 UTC" in rows["waste-sorter"]


def test_a_script_gets_every_field(wire: Wire, run: Run) -> None:
    wire.answer("DescribeEndpoint", described("Failed", FailureReason="no\nquota"))

    code, output, _ = run("endpoint", "status", "steady", "--json")

    assert code == 0
    assert json.loads(output) == {
        "name": "steady",
        "endpoint_name": "mlstack-sandbox-steady",
        "kind": "classic",
        "status": "Failed",
        "failure_reason": "no quota",
        "instances_now": 1,
        "instances_desired": 2,
        "copies_now": None,
        "copies_desired": None,
        "instance_type": None,
        "usd_per_instance_hour": None,
        "idle_price": "$0.00 a month",
        "changed_at": "2026-09-21T14:13:20+00:00",
    }


def config(**variant: object) -> Spoken:
    """What DescribeEndpointConfig answers."""
    return said(ProductionVariants=[{"VariantName": "AllTraffic", **variant}])


def test_an_endpoint_with_instances_shows_what_each_costs_while_it_is_awake(wire: Wire, run: Run) -> None:
    wire.answer("DescribeEndpoint", described(EndpointConfigName="c"))
    wire.answer("DescribeEndpointConfig", config(InstanceType="ml.m5.large"))
    wire.answer("DescribeInferenceComponent", component())

    table = run("endpoint", "status", "steady")[1]
    listed = run("endpoint", "list")[1]
    found = json.loads(run("endpoint", "status", "steady", "--json")[1])

    assert "price while awake $0.115 an hour for each ml.m5.large" in " ".join(table.split())
    assert "$0.115 an hour each" in listed
    assert (found["instance_type"], found["usd_per_instance_hour"]) == ("ml.m5.large", 0.115)


@pytest.mark.parametrize(
    "answer",
    [
        config(ServerlessConfig={"MemorySizeInMB": 2048, "MaxConcurrency": 5}),
        config(InstanceType="ml.new.large"),
        refused("AccessDenied"),
        EndpointConnectionError(endpoint_url="https://x"),
    ],
)
def test_a_price_that_is_not_known_is_left_out(wire: Wire, run: Run, answer: Spoken | Exception) -> None:
    wire.answer("DescribeEndpoint", described(EndpointConfigName="c"))
    wire.answer("DescribeEndpointConfig", answer)

    code, output, _ = run("endpoint", "status", "steady")

    assert (code, "InService" in output, "awake" in output) == (0, True, False)


def test_a_list_for_scripts_has_all(wire: Wire, run: Run) -> None:
    wire.answer("DescribeInferenceComponent", component())

    assert [one["name"] for one in json.loads(run("endpoint", "list", "--json")[1])] == sorted(NAMES)


@pytest.mark.parametrize(
    ("outside", "inside", "expected"),
    [
        (described(), component("Failed", FailureReason="image"), ("Failed", "image")),
        (described("Updating"), component("Creating"), ("Updating", None)),
        (described(), component("Creating"), ("Creating", None)),
        (described(), refused("AccessDenied", "not you"), ("InService", "inference component")),
        (described(), EndpointConnectionError(endpoint_url="https://x"), ("InService", "Could not connect")),
    ],
)
def test_an_endpoint_serves_only_where_its_component_does(
    wire: Wire, run: Run, outside: Spoken, inside: Spoken | Exception, expected: tuple[str, str | None]
) -> None:
    status, reason = expected
    wire.answer("DescribeEndpoint", outside)
    wire.answer("DescribeInferenceComponent", inside)

    shown = json.loads(run("endpoint", "status", "waste-sorter", "--json")[1])

    assert shown["status"] == status
    assert (reason or "") in (shown["failure_reason"] or "")
    assert bool(reason) is bool(shown["failure_reason"])


def test_a_status_shows_the_reason_and_where_the_logs_are(wire: Wire, run: Run) -> None:
    wire.answer("DescribeEndpoint", described("Failed", FailureReason="[red]no quota\x1b[2J"))

    code, output, _ = run("endpoint", "status", "fast")

    assert code == 0
    assert "[red]no quota�[2J" in output
    assert "/aws/sagemaker/Endpoints/mlstack-sandbox-fast" in output


def test_an_endpoint_that_was_deleted_by_hand_is_gone(wire: Wire, run: Run) -> None:
    wire.answer("DescribeEndpoint", refused("ValidationException", 'Could not find endpoint "x".'))

    shown = json.loads(run("endpoint", "status", "fast", "--json")[1])

    assert (shown["status"], shown["changed_at"]) == ("gone", None)


def test_an_endpoint_without_variants_yet_is_shown(wire: Wire, run: Run) -> None:
    wire.answer("DescribeEndpoint", described("Creating", ProductionVariants=[]))

    code, output, _ = run("endpoint", "status", "steady")

    assert code == 0
    assert "Creating" in output


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (refused("AccessDeniedException", "no\nway"), "mlstack: AWS answered: "),
        (EndpointConnectionError(endpoint_url="https://x"), "mlstack: AWS could not be asked: "),
    ],
    ids=["refused", "absent"],
)
@pytest.mark.parametrize("words", ["list", "status fast"])
def test_what_aws_refuses_is_one_line_and_code_2(
    wire: Wire, run: Run, words: str, error: Spoken | Exception, line: str
) -> None:
    wire.answer("DescribeEndpoint", error)

    code, output, errors = run("endpoint", *words.split())

    assert (code, output, len(errors.splitlines())) == (2, "", 1)
    assert errors.startswith(line)


@pytest.mark.usefixtures("wire")
def test_an_unknown_name_is_one_line_and_code_2(run: Run) -> None:
    code, _, errors = run("endpoint", "status", "wastesorter")

    assert (code, len(errors.splitlines())) == (2, 1)
    assert "did you mean waste-sorter?" in errors


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize("words", ["endpoint list", "endpoint status", "predict"])
def test_everything_explains_itself(run: Run, words: str) -> None:
    code, output, _ = run(*words.split(), "--help")

    assert code == 0
    assert f"Example: mlstack {words}" in output
