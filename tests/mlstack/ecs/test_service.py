"""`mlstack service list`, `status` and `sleep`: how services are, what they cost, and when they sleep."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import example, given
from hypothesis import strategies as st

from mlstack.ecs.service.bedtime import last_busy, period_of
from mlstack.ecs.service.tasks import Tasks
from tests.mlstack.ecs.conftest import BEGAN, Answer, Lab, Run, counts, refused
from tests.mlstack.wire import client

NOW = datetime(2026, 11, 22, 9, 45, 30, tzinfo=UTC)
DOWN = EndpointConnectionError(endpoint_url="https://x")
NO_QUEUE = refused("AWS.SimpleQueueService.NonExistentQueue")


def metric(name: str, statistic: str, namespace: str = "AWS/SQS", **dimensions: str) -> dict[str, object]:
    """What an alarm adds up."""
    told = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    found = {"Namespace": namespace, "MetricName": name, "Dimensions": told}
    return {"Id": f"m{name}", "MetricStat": {"Metric": found, "Period": 60, "Stat": statistic}, "ReturnData": False}


COUNTED = [
    metric("ApproximateNumberOfMessagesVisible", "Maximum", QueueName="sorter-queue"),
    metric("ApproximateNumberOfMessagesNotVisible", "Maximum", QueueName="sorter-queue"),
    metric("NumberOfMessagesSent", "Sum", QueueName="sorter-queue"),
    metric("RequestCount", "Sum", "AWS/ApplicationELB", LoadBalancer="app/sorter/1"),
    metric("HTTPCode_ELB_503_Count", "Sum", "AWS/ApplicationELB", LoadBalancer="app/sorter/1"),
]
SLEEP = {"AlarmName": "Sleep", "Metrics": [{"Id": "e", "Expression": "FILL(a, 0)", "ReturnData": True}, *COUNTED]}


@pytest.fixture(autouse=True)
def deployed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A stage with a service, at one moment."""
    lab.service()
    monkeypatch.setattr("mlstack.ecs.service.status.clock", lambda: NOW)
    lab.answer("DescribeAlarms", {"MetricAlarms": [SLEEP]})
    lab.answer("GetMetricData", {"MetricDataResults": []})
    return lab


def queue(kind: str, name: str = "sorter") -> str:
    """The address of a queue."""
    found: str = client("sqs").get_queue_url(QueueName=f"{name}-{kind}")["QueueUrl"]
    return found


def send(kind: str, number: int, name: str = "sorter") -> None:
    """Put messages into a queue."""
    for _ in range(number):
        client("sqs").send_message(QueueUrl=queue(kind, name), MessageBody="{}")


@pytest.mark.parametrize(
    ("numbers", "state"),
    [
        ((0, 0), "asleep"),
        ((1, 0), "waking"),
        ((1, 1), "awake, 1 task"),
        ((3, 3), "awake, 3 tasks"),
        ((3, 1), "awake, 1 of 3 tasks"),
        ((0, 2), "falling asleep"),
    ],
)
def test_a_service_is_listed_with_its_state(lab: Lab, run: Run, numbers: tuple[int, int], state: str) -> None:
    lab.answer("DescribeServices", counts(*numbers))

    code, output, _ = run("service", "list")

    assert code == 0
    assert f" {state} " in output


def test_a_list_says_what_waits_and_what_it_costs(run: Run) -> None:
    send("queue", 3)
    send("dead", 2)
    client("sqs").receive_message(QueueUrl=queue("queue"), MaxNumberOfMessages=1)

    code, output, errors = run("service", "list")

    cells = output.splitlines()[-1].split()
    assert code == 0
    assert cells[:5] == ["sorter", "asleep", "2", "1", "2"]
    assert "$0.00 a month" in output
    assert "$0.0395 an hour a task" in output
    assert "sorter has 2 dead letters; `mlstack service redrive sorter --aws` shows them" in errors


def test_a_list_for_machines_has_numbers(run: Run) -> None:
    send("queue", 1)

    (found,) = json.loads(run("service", "list", "--json")[1])

    assert (found["state"], found["waiting"], found["in_hand"], found["dead_letters"]) == ("asleep", 1, 0, 0)
    assert found["usd_per_task_hour"] == 0.0395
    assert found["url"] is None


@pytest.mark.parametrize("operation", ["DescribeServices", "GetQueueAttributes"])
@pytest.mark.parametrize("fault", [refused("ThrottlingException"), refused("AccessDenied"), DOWN, NO_QUEUE])
def test_what_cannot_be_seen_of_one_does_not_hide_the_rest(lab: Lab, run: Run, operation: str, fault: Answer) -> None:
    lab.answer(operation, fault)

    code, output, errors = run("service", "list")

    assert code == 0
    assert "sorter" in output
    assert "not known" in output
    assert "sorter: not all of it can be seen: " in errors


def test_a_queue_that_is_gone_says_what_to_do(lab: Lab, run: Run) -> None:
    client("sqs").delete_queue(QueueUrl=queue("dead"))
    lab.answer("DescribeServices", counts(1, 1))

    _, output, errors = run("service", "list")

    assert "awake, 1 task" in output
    assert "a queue of it is gone: deploy the stage again" in errors


def test_a_service_that_ecs_does_not_have_is_gone(lab: Lab, run: Run) -> None:
    lab.answer("DescribeServices", {"services": [], "failures": [{"arn": "x", "reason": "MISSING"}]})

    assert " gone " in run("service", "list")[1]


def test_a_price_that_nobody_knows_is_not_made_up(lab: Lab, run: Run) -> None:
    lab.service(task_usd_per_hour=None, idle_price=None)

    assert run("service", "list")[1].count("not known") == 2


HOSTILE = ["", "[]", "null", "{", "{}", '{"region": 3}', "[" * 10_000]
DROPPED = ["cluster", "service", "queue_url", "bucket", "requests", "log_group", "min_tasks", "sleep_minutes"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_parameter_of_any_shape_is_said_and_the_others_are_shown(lab: Lab, run: Run, text: str) -> None:
    lab.put("sandbox/ecs/services/broken", text or " ")

    code, output, errors = run("service", "list")

    assert code == 0
    assert "sorter" in output
    assert "the parameter /mlstack/sandbox/ecs/services/broken of stage sandbox on account 1 cannot be read" in errors


@pytest.mark.parametrize("key", DROPPED)
@pytest.mark.parametrize("value", [None, -1, [], {"a": 1}, True])
def test_a_service_that_cannot_be_read_names_what_is_wrong(lab: Lab, run: Run, key: str, value: object) -> None:
    lab.service(changes={key: value})

    code, _, errors = run("service", "status", "sorter")

    assert code == 2
    assert key in errors
    assert "deploy the stage with this version of mlstack" in errors
    assert len(errors.splitlines()) == 1


def test_a_stage_without_services_names_those_that_have_some(lab: Lab, run: Run) -> None:
    lab.put("team/ecs/training", {})

    code, _, errors = run("service", "list", "--stage", "dev")

    assert code == 2
    assert (
        "stage dev on account 1 has no service on ECS; say --stage with one that has: sandbox, "
        "or write [ecs.services.NAME] into its profile and deploy it"
    ) in errors


def test_a_stage_of_which_nothing_is_deployed_says_how_to_deploy(local: Lab, run: Run) -> None:
    client("ssm").delete_parameter(Name="/mlstack/sandbox/ecs/services/sorter")

    code, _, errors = run("service", "list")

    assert (code, local.account.is_local) == (2, True)
    assert "stack mlstack-sandbox-Ecs is not deployed in account 1; run `mlstack local deploy`" in errors


@pytest.mark.parametrize("fault", [refused("AccessDenied"), DOWN])
def test_where_nobody_can_say_what_is_deployed_the_profile_is_named(
    lab: Lab, run: Run, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    client("ssm").delete_parameter(Name="/mlstack/sandbox/ecs/services/sorter")
    lab.fail(monkeypatch, "cloudformation", "describe_stacks", fault)

    assert "has no service on ECS; write [ecs.services.NAME]" in run("service", "list")[2]


def test_a_stage_without_training_names_those_that_have_one(lab: Lab, run: Run) -> None:
    lab.put("team/ecs/training", {})

    code, _, errors = run("run", "list", "--stage", "dev")

    assert code == 2
    assert (
        "has no training on ECS; say --stage with one that has: team, or write `enabled = true` in [ecs.training]"
        in errors
    )


@pytest.mark.parametrize("stage", ["../x", "a b", "", "x" * 99, "\x1b[31m", "a/b", "*"])
def test_a_stage_of_any_name_is_one_line(run: Run, stage: str) -> None:
    code, _, errors = run("service", "list", "--stage", stage)

    assert code == 2
    assert "has no service on ECS" in errors


def test_a_training_that_cannot_be_read_names_what_is_wrong(lab: Lab, run: Run) -> None:
    lab.training(max_hours="8")

    code, _, errors = run("run", "list")

    assert code == 2
    assert "its max_hours is no whole number from 1 to 672" in errors


def test_a_status_shows_tasks_events_and_logs(lab: Lab, run: Run) -> None:
    events = [{"id": "1", "createdAt": BEGAN, "message": "(service x) has \x1breached a steady state."}]
    lab.answer("DescribeServices", counts(1, 1, events=events))
    lab.tasks(
        [
            {
                "taskArn": "arn:aws:ecs:us-east-1:1:task/c/0a1b",
                "lastStatus": "RUNNING",
                "healthStatus": "HEALTHY",
                "startedAt": BEGAN,
                "capacityProviderName": "FARGATE_SPOT",
            }
        ]
    )

    code, output, _ = run("service", "status", "sorter")

    assert code == 0
    assert "0a1b" in output
    assert "15 min" in output
    assert "FARGATE_SPOT" in output
    assert "reached a steady state." in output
    assert "\x1b" not in output
    assert "aws logs tail /mlstack/sandbox/ecs/sorter --log-stream-name-prefix sorter/ --since 1h" in output
    assert "1 vCPU, 2 GB, arm64, spot" in output


def test_a_status_for_machines_has_all_of_it(lab: Lab, run: Run) -> None:
    lab.answer("DescribeServices", counts(1, 1, events=[{"id": "1", "createdAt": BEGAN, "message": "m"}]))
    lab.tasks([{"taskArn": "arn/0a1b", "lastStatus": "PENDING", "createdAt": BEGAN}])

    found = json.loads(run("service", "status", "sorter", "--json")[1])

    assert found["tasks"] == [
        {"task": "0a1b", "status": "PENDING", "health": None, "since": "2026-11-22T09:30:00+00:00", "on": None}
    ]
    assert found["events"] == [{"at": "2026-11-22T09:30:00+00:00", "message": "m"}]
    assert found["faults"] == []


def test_a_status_for_machines_has_what_the_table_has(lab: Lab, run: Run) -> None:
    lab.service(idle_price="$1,024.32 a month")

    found = json.loads(run("service", "status", "sorter", "--json")[1])

    assert (found["idle_price"], found["idle_usd_per_month"]) == ("$1,024.32 a month", 1024.32)
    assert (found["min_tasks"], found["max_tasks"], found["sleep_minutes"]) == (0, 4, 10)
    assert found["task"] == "1 vCPU, 2 GB, arm64, spot"
    assert found["requests"] == "s3://traffic-here/sorter/requests/"
    assert (found["log_group"], found["log_streams"]) == ("/mlstack/sandbox/ecs/sorter", "sorter/")


def test_a_price_in_other_words_is_no_number(lab: Lab, run: Run) -> None:
    lab.service(idle_price="not known in eu-north-9")

    assert json.loads(run("service", "list", "--json")[1])[0]["idle_usd_per_month"] is None


def test_only_the_last_events_are_shown(lab: Lab, run: Run) -> None:
    events = [{"id": str(number), "createdAt": BEGAN, "message": f"event-{number}"} for number in range(7)]
    lab.answer("DescribeServices", counts(1, 1, events=events))

    output = run("service", "status", "sorter")[1]

    assert [number for number in range(7) if f"event-{number}" in output] == [0, 1, 2, 3, 4]


def test_a_service_may_be_of_one_task(lab: Lab, run: Run) -> None:
    lab.service(max_tasks=1)

    code, output, _ = run("service", "status", "sorter")

    assert code == 0
    assert "1 task " in output


def test_a_failed_deployment_says_why(lab: Lab, run: Run) -> None:
    failed = [{"rolloutState": "FAILED", "rolloutStateReason": "tasks failed\nto start"}]
    lab.answer("DescribeServices", counts(1, deployments=failed))

    assert "tasks failed to start" in run("service", "status", "sorter")[1]


def test_the_local_aws_has_no_aws_cli_to_look_at_logs_with(local: Lab, run: Run) -> None:
    output = run("service", "status", "sorter")[1]

    assert local.account.is_local
    assert "log group /mlstack/sandbox/ecs/sorter, streams sorter/..." in output
    assert "aws logs tail" not in output


@pytest.mark.parametrize("fault", [refused("ThrottlingException"), DOWN])
def test_a_status_without_its_tasks_is_still_one(lab: Lab, run: Run, fault: Answer) -> None:
    lab.answer("ListTasks", fault)

    code, output, errors = run("service", "status", "sorter")

    assert code == 0
    assert "asleep" in output
    assert "not all of it can be seen: " in errors


def test_one_that_sleeps_says_how_to_wake_it(run: Run) -> None:
    _, output, errors = run("service", "status", "sorter")

    assert "sleeps" not in output
    assert "next: `mlstack service predict sorter PHOTO.jpg --aws` wakes it, which takes minutes" in errors


def at(minute: int) -> datetime:
    """A minute of that hour."""
    return NOW.replace(minute=minute, second=0)


def series(name: str, **values: list[object]) -> dict[str, object]:
    """What CloudWatch knows of a metric."""
    return {"Id": f"m{name}", "Timestamps": values["at"], "Values": values["values"]}


def test_one_that_is_idle_says_when_it_sleeps(lab: Lab, run: Run) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    visible = series("ApproximateNumberOfMessagesVisible", at=[at(40), at(43)], values=[1.0, 0.0])
    hidden = series("ApproximateNumberOfMessagesNotVisible", at=[at(41)], values=[2.0])
    lab.answer("GetMetricData", {"MetricDataResults": [visible, hidden]})

    output = run("service", "status", "sorter")[1]

    assert "about 2026-11-22 09:52 UTC, if nothing comes into its queue" in output


@pytest.mark.parametrize("name", ["NumberOfMessagesSent", "RequestCount", "HTTPCode_ELB_503_Count"])
def test_what_its_alarm_counts_keeps_it_awake(lab: Lab, run: Run, name: str) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    quiet = series("ApproximateNumberOfMessagesVisible", at=[at(44)], values=[0.0])
    lab.answer("GetMetricData", {"MetricDataResults": [quiet, series(name, at=[at(43)], values=[3.0])]})

    assert "about 2026-11-22 09:54 UTC" in run("service", "status", "sorter")[1]


def test_one_that_has_been_idle_long_enough_sleeps_at_once(lab: Lab, run: Run) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    quiet = series("ApproximateNumberOfMessagesVisible", at=[at(44)], values=[0.0])
    lab.answer("GetMetricData", {"MetricDataResults": [quiet]})

    assert "about 2026-11-22 09:45 UTC" in run("service", "status", "sorter")[1]


def test_one_of_which_nothing_is_heard_says_no_moment(lab: Lab, run: Run) -> None:
    lab.answer("DescribeServices", counts(1, 1))

    output = run("service", "status", "sorter")[1]

    assert "10 min after its last request" in output
    assert "about" not in output


@pytest.mark.parametrize(
    "alarm",
    [{"AlarmName": "x"}, {"AlarmName": "x", "Metrics": COUNTED[3:]}, {"AlarmName": "x", "Metrics": COUNTED[:1]}],
)
def test_another_alarm_is_not_taken_for_its_own(lab: Lab, run: Run, alarm: dict[str, object]) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    lab.answer("DescribeAlarms", {"MetricAlarms": [alarm]})

    assert "10 min after its last request" in run("service", "status", "sorter")[1]
    assert not lab.calls("GetMetricData")


def test_one_with_a_load_balancer_may_be_kept_awake_by_it(lab: Lab, run: Run) -> None:
    lab.service(url="https://sorter.example.com")
    lab.answer("DescribeServices", counts(1, 1))
    quiet = series("ApproximateNumberOfMessagesVisible", at=[at(44)], values=[0.0])
    lab.answer("GetMetricData", {"MetricDataResults": [quiet]})

    assert "into its queue nor through its load balancer" in run("service", "status", "sorter")[1]


def test_one_with_work_sleeps_after_it(lab: Lab, run: Run) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    send("queue", 1)

    assert "10 min after its last request is answered" in run("service", "status", "sorter")[1]


def test_one_that_never_sleeps_says_so(lab: Lab, run: Run) -> None:
    lab.service(min_tasks=2)
    lab.answer("DescribeServices", counts(2, 2))

    assert "never: min_tasks is 2" in run("service", "status", "sorter")[1]


@pytest.mark.parametrize("operation", ["DescribeAlarms", "GetMetricData"])
@pytest.mark.parametrize("fault", [refused("Throttling"), DOWN])
def test_metrics_that_cannot_be_read_leave_what_is_known(lab: Lab, run: Run, operation: str, fault: Answer) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    lab.answer(operation, fault)

    code, output, _ = run("service", "status", "sorter")

    assert code == 0
    assert "10 min after its last request" in output


def test_sleep_takes_it_down_to_no_task_and_says_what_waits(lab: Lab, run: Run) -> None:
    lab.answer("DescribeServices", counts(2, 2))
    lab.answer("UpdateService", {"service": {}})
    send("queue", 3)

    code, _, errors = run("service", "sleep", "sorter")

    (asked,) = lab.calls("UpdateService")
    assert code == 0
    assert asked == {"cluster": "mlstack-sandbox", "service": "mlstack-sandbox-sorter", "desiredCount": 0}
    assert "sorter falls asleep: 2 tasks will have ended within a minute or two" in errors
    assert "3 waiting and 0 in hand: what stays in the queue wakes it again within minutes" in errors


def broken(lab: Lab, **more: object) -> None:
    """Have its last task fail for its model, while something waits."""
    lab.answer("DescribeServices", counts(1))
    lab.answer("GetLogEvents", {"events": [{"message": "MODEL_URI: 404: no such object"}]})
    told = {
        "taskArn": "arn:aws:ecs:us-east-1:1:task/c/0a1b",
        "lastStatus": "STOPPED",
        "stopCode": "TaskFailedToStart",
        "stoppedReason": "Task failed to start",
        "stoppedAt": BEGAN,
        "containers": [{"name": "server"}, {"name": "model", "exitCode": 1}],
    }
    lab.tasks([told | more])
    send("queue", 1)


def test_one_that_does_not_start_says_why_what_mends_it_and_what_ends_it(lab: Lab, run: Run) -> None:
    broken(lab)

    code, output, errors = run("service", "status", "sorter")

    assert code == 0
    assert "2026-11-22 09:30 UTC: its container model ended with 1: MODEL_URI: 404: no such object" in output
    assert "sorter does not start: mend `model` in [ecs.services.sorter] of its profile and deploy the stage" in errors
    assert "until then what waits starts it again and again; `mlstack service discard sorter --aws` drops it" in errors


def test_a_failed_start_is_told_to_machines(lab: Lab, run: Run) -> None:
    broken(lab)

    assert json.loads(run("service", "status", "sorter", "--json")[1])["last_task_failed"] == {
        "task": "0a1b",
        "at": "2026-11-22T09:30:00+00:00",
        "container": "model",
        "exit_code": 1,
        "reason": "Task failed to start",
        "last_line": "MODEL_URI: 404: no such object",
    }


def test_one_whose_tasks_are_all_there_has_no_failure(lab: Lab, run: Run) -> None:
    broken(lab)
    lab.answer("DescribeServices", counts(1, 1))

    assert "last task failed" not in run("service", "status", "sorter")[1]


@pytest.mark.parametrize("answer", [refused("ResourceNotFoundException"), {"events": []}, DOWN])
def test_a_failed_start_without_a_log_has_the_words_of_ecs(lab: Lab, run: Run, answer: Answer) -> None:
    broken(lab)
    lab.answer("GetLogEvents", answer)

    assert "its container model ended with 1; Task failed to start" in run("service", "status", "sorter")[1]


def test_one_that_starts_is_sent_to_sleep_without_a_count(lab: Lab, run: Run) -> None:
    lab.answer("DescribeServices", counts(1))
    lab.answer("UpdateService", {"service": {}})

    assert "sorter falls asleep: none of its tasks runs" in run("service", "sleep", "sorter")[2]


def test_one_that_is_about_to_wake_is_not_told_to(run: Run) -> None:
    send("queue", 2)

    errors = run("service", "status", "sorter")[2]

    assert "2 requests wait for it: it wakes within a minute or two ($0.0395 an hour a task)" in errors
    assert "next:" not in errors


def test_one_that_sleeps_is_left_alone(lab: Lab, run: Run) -> None:
    code, _, errors = run("service", "sleep", "sorter")

    assert code == 0
    assert "sorter is asleep already" in errors
    assert not lab.calls("UpdateService")


def test_one_that_is_not_to_sleep_says_what_wakes_it(lab: Lab, run: Run) -> None:
    lab.service(min_tasks=1)
    lab.answer("DescribeServices", counts(1, 1))
    lab.answer("UpdateService", {"service": {}})

    assert "write min_tasks = 0 into [ecs.services.sorter]" in run("service", "sleep", "sorter")[2]


SLEEPLESS = [
    ("UpdateService", refused("AccessDeniedException", "not you"), "AWS allows you no UpdateService (not you)"),
    ("UpdateService", refused("ServiceNotActiveException"), "the service of stage sandbox on account 1 is gone"),
    ("UpdateService", refused("ThrottlingException"), "run the same command again in a minute"),
    ("UpdateService", DOWN, "AWS could not be asked"),
    ("DescribeServices", refused("ServiceNotFoundException"), "deploy the stage again"),
    ("DescribeServices", counts(status="INACTIVE"), "is gone from cluster mlstack-sandbox"),
]


@pytest.mark.parametrize(("operation", "answer", "reason"), SLEEPLESS)
def test_one_that_cannot_be_sent_to_sleep_says_why(
    lab: Lab, run: Run, operation: str, answer: Answer, reason: str
) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    lab.answer(operation, answer)

    code, _, errors = run("service", "sleep", "sorter")

    assert code == 2
    assert reason in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(NO_QUEUE, "a queue of stage sandbox on account 1 is gone"), (DOWN, "Could not connect"), (refused("X"), "(X)")],
)
def test_a_queue_that_cannot_be_seen_keeps_nothing_awake(lab: Lab, run: Run, fault: Answer, reason: str) -> None:
    lab.answer("DescribeServices", counts(1, 1))
    lab.answer("UpdateService", {"service": {}})
    lab.answer("GetQueueAttributes", fault)

    code, _, errors = run("service", "sleep", "sorter")

    assert code == 0
    assert lab.calls("UpdateService")
    assert "what waits for it cannot be seen: " in errors
    assert reason in errors


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_service_costs_nothing_only_where_it_is_said_to_sleep(desired: int, running: int, pending: int) -> None:
    state = Tasks(status="ACTIVE", desired=desired, running=running, pending=pending).state

    assert (state == "asleep") == (not desired and not running and not pending)


@given(st.integers(1, 60 * 24 * 31))
@example(1_433)
@example(1_434)
@example(2_873)
@example(2_874)
def test_cloudwatch_is_never_asked_for_more_points_than_it_gives(minutes: int) -> None:
    wanted = timedelta(minutes=minutes + 5 + 2)  # SQS may be late, and the minute now is asked for to its end

    assert wanted / period_of(minutes) <= 1_440


@given(st.lists(st.tuples(st.integers(0, 59), st.sampled_from([0.0, 1.0]))))
def test_the_last_busy_minute_is_the_end_of_one_in_which_something_was_there(points: list[tuple[int, float]]) -> None:
    found = last_busy([(at(minute), value) for minute, value in points], timedelta(minutes=1))

    worked = [minute for minute, value in points if value]
    expected = at(max(worked)) + timedelta(minutes=1) if worked else None
    assert found == expected
