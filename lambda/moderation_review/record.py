"""The record of an object that comes back under another version: its content was analysed and paid for already."""

from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Attr, Key

from shared.ledger import ANALYSED
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def carry_over(table: "Table", thing: ObjectVersion, version: str) -> None:
    """Let the record of ``thing`` stand for ``version`` too, unless a delivery has begun to analyse that anew.

    The documents that it names stay as they are. S3 announces a version before anybody can know its name, so a delivery
    may be faster; that one pays.
    """
    if version == thing.version:
        return
    of_thing = Key("object").eq(thing.uri) & Key("entry").eq(thing.version)
    found = table.query(KeyConditionExpression=of_thing, ConsistentRead=True)["Items"]
    if not found or found[0]["status"] != ANALYSED:
        return
    item = found[0] | {"entry": version, "version": version, "released_from": thing.version}
    try:
        table.put_item(Item=item, ConditionExpression=Attr("object").not_exists())
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return
