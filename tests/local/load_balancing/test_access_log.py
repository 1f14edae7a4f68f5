"""Whether a bucket's policy lets access logs in."""

from typing import Any

import pytest

from mlstack.local.load_balancing.access_log import may_write

PATH = "logs/alb/AWSLogs/123456789012/ELBAccessLogTestFile"
SERVICE = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}


def policy(**more: object) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Principal": SERVICE, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}
    return {"Statement": [{**allow, **more}]}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Principal": {"AWS": "arn:aws:iam::127311923021:root"}},
        {"Principal": {"AWS": ["arn:aws:iam::1:root", "127311923021"]}},
        {"Action": ["s3:GetObject", "s3:Put*"]},
        {"Resource": ["arn:aws:s3:::other/*", "arn:aws:s3:::logs/alb/AWSLogs/123456789012/*"]},
    ],
)
def test_a_policy_for_the_service_lets_logs_in(more: dict[str, object]) -> None:
    assert may_write(policy(**more), PATH, "us-east-1")


@pytest.mark.parametrize(
    "more",
    [
        {"Effect": "Deny"},
        {"Principal": {"Service": "delivery.logs.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::797873946194:root"}},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::logs/other/*"},
        {"Resource": "arn:aws:s3:::logs"},
    ],
)
def test_a_policy_for_something_else_does_not(more: dict[str, object]) -> None:
    assert not may_write(policy(**more), PATH, "us-east-1")
    assert not may_write({}, PATH, "us-east-1")
