"""A page of the registry's lists: narrowed by name and by date, oldest first unless it is asked otherwise."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.registry import Record, listing

R = TypeVar("R", bound=Record)


def listed(records: Iterable[R], asked: Json, told: Callable[[R], Json], title: str) -> Json:
    """One page; https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListModelPackages.html has the order."""
    after, before = asked.get("CreationTimeAfter", 0), asked.get("CreationTimeBefore", float("inf"))
    within = (record for record in records if after < record.created < before)
    return listing(within, {"SortOrder": "Ascending", **asked}, told, title)
