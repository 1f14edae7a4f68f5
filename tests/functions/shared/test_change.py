"""One change of one item, with names that DynamoDB reserves and maps inside."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from shared.change import Change

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

KEY = {"object": "s3://a/b", "entry": "v1"}
FREE, TAKEN = Attr("object").not_exists(), Attr("object").exists()


def apply(table: "Table", change: Change, condition: Any = TAKEN) -> dict[str, Any]:  # noqa: ANN401 (boto3's conditions)
    return change.apply(table, KEY, condition)


def test_new_item_gets_values_defaults_and_counts(results: "Table") -> None:
    item = apply(results, Change({"status": "working", "size": 3}).default("map", {}).count("attempts", "all"), FREE)

    assert item == KEY | {"status": "working", "size": Decimal(3), "map": {}, "attempts": Decimal(1), "all": Decimal(1)}


def test_change_sets_inside_maps_keeps_defaults_counts_on_and_removes(results: "Table") -> None:
    apply(results, Change({"name": "a", "gone": 1}).default("map", {"one": 1}).count("attempts"), FREE)

    item = apply(
        results, Change({"map.two": {"x": [1]}, "name": "b"}).default("map.one", 9).count("attempts").remove("gone")
    )

    assert item == KEY | {"name": "b", "map": {"one": 1, "two": {"x": [1]}}, "attempts": Decimal(2)}


def test_item_in_the_way_comes_with_the_error_and_stays_as_it_is(results: "Table") -> None:
    apply(results, Change({"status": "working"}), FREE)

    with pytest.raises(ClientError) as refusal:
        apply(results, Change({"status": "other"}), FREE)

    response: Any = refusal.value.response
    assert response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert response["Item"]["status"] == {"S": "working"}
    assert results.get_item(Key=KEY)["Item"]["status"] == "working"
