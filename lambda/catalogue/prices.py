"""What AWS charges, as far as the project knows it: list prices of us-east-1, without taxes and free tiers.

A price that is not known is None, never a guess; no other region is known. prices.json names the source and the day of
each one, and says which are not verified.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

Component = Literal["hosting", "notebook", "training", "processing", "transform", "ec2"]
"""What instances are paid for; `ec2`: on demand, with Linux. No source names a price of batch transform itself."""
HOURS_A_MONTH = 730


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """One list price."""

    usd: Decimal
    unit: str
    """What it is paid for, such as hour or GB-month."""
    verified: bool
    """Whether the source speaks of exactly this; False where it was taken from something like it."""
    source: str
    as_of: str
    """The day or month from which the source is."""


NAMES = (
    "alarm_month",
    "codebuild_arm_small_minute",
    "codebuild_large_minute",
    "codebuild_medium_minute",
    "codebuild_small_minute",
    "dashboard_month",
    "ebs_gp3_gb_month",
    "ebs_gp3_iops_month",
    "ebs_gp3_mbps_month",
    "ecr_stored_gb_month",
    "endpoint_data_gb",
    "fargate_arm_gb_hour",
    "fargate_arm_vcpu_hour",
    "fargate_storage_gb_hour",
    "fargate_x86_gb_hour",
    "fargate_x86_vcpu_hour",
    "high_resolution_alarm_month",
    "interface_endpoint_gb",
    "interface_endpoint_hour",
    "kms_key_month",
    "lambda_arm_gb_second",
    "lambda_gb_second",
    "lambda_million",
    "load_balancer_hour",
    "load_balancer_lcu_hour",
    "log_ingested_gb",
    "log_stored_gb_month",
    "metric_month",
    "ml_storage_gb_month",
    "nat_gateway_hour",
    "notebook_storage_gb_month",
    "public_ipv4_hour",
    "s3_get_thousand",
    "s3_put_thousand",
    "s3_stored_gb_month",
    "serverless_gb_second",
    "sqs_million",
    "web_acl_million",
    "web_acl_month",
    "web_acl_rule_month",
)
"""Everything that bills otherwise than by the hour of an instance."""


def per_hour(component: Component, instance_type: str, region: str) -> Price | None:
    """The price of one instance for an hour; None where it is not known."""
    known = _document(region)
    listed = known["usd per hour"].get(component) if known else None
    usd = listed["types"].get(instance_type) if listed else None
    return _price(known, usd, "hour", listed["source"]) if known and listed and usd else None


def usd_per_hour(component: Component, instance_type: str, region: str) -> Decimal | None:
    """The same, the money alone."""
    found = per_hour(component, instance_type, region)
    return found.usd if found else None


def usd(name: str, region: str) -> Price | None:
    """One of the prices in ``NAMES``; None where it is not known in that region. Raise KeyError for another name."""
    if name not in NAMES:
        raise KeyError(name)
    known = _document(region)
    if not known:
        return None
    found = known["others"][name]
    return _price(known, found["usd"], found["unit"], found["source"])


def monthly(usd_an_hour: Decimal) -> Decimal:
    """What an hour's price comes to in a month of 730 hours."""
    return usd_an_hour * HOURS_A_MONTH


FREE_IOPS, FREE_MIBPS = 3000, 125
"""What a gp3 volume does without a price of its own: https://aws.amazon.com/ebs/pricing/ (November 2026)."""


def gp3_month(gb: int, iops: int, mibps: int, region: str) -> Decimal | None:
    """What a gp3 volume costs a month, whether it is used or not; None where that is not known."""
    stored, faster, wider = (usd(f"ebs_gp3_{what}_month", region) for what in ("gb", "iops", "mbps"))
    if stored is None or faster is None or wider is None:
        return None
    return stored.usd * gb + faster.usd * max(iops - FREE_IOPS, 0) + wider.usd * max(mibps - FREE_MIBPS, 0)


def _price(known: Mapping[str, Any], usd: str, unit: str, source: str) -> Price:
    said = known["sources"][source]
    return Price(usd=Decimal(usd), unit=unit, verified=said["verified"], source=said["text"], as_of=said["as_of"])


def _document(region: str) -> Mapping[str, Any] | None:
    known = _prices()
    return known if region == known["region"] else None


@cache
def _prices() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
    return found
