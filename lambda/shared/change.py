"""One conditional change of one item, in DynamoDB's expressions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from boto3.dynamodb.conditions import ConditionBase

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@dataclass(slots=True)
class Change:
    """What to set; a dot in a name leads into a map. No name is written literally, so none can be a reserved word."""

    given: Mapping[str, Any]
    _defaults: dict[str, Any] = field(default_factory=dict)
    _counted: list[str] = field(default_factory=list)
    _removed: list[str] = field(default_factory=list)

    def default(self, name: str, value: object) -> Self:
        """Set what is not there yet."""
        self._defaults[name] = value
        return self

    def count(self, *names: str) -> Self:
        """Add one."""
        self._counted += names
        return self

    def remove(self, *names: str) -> Self:
        """Take attributes away."""
        self._removed += names
        return self

    def apply(self, table: "Table", key: Mapping[str, str], condition: ConditionBase) -> dict[str, Any]:
        """Change the item where ``condition`` holds and give it as it is then; other errors pass through."""
        names: dict[str, str] = {}
        values: dict[str, Any] = {}

        def name(path: str) -> str:
            for part in path.split("."):
                names[f"#{part}"] = part
            return ".".join(f"#{part}" for part in path.split("."))

        def value(thing: object) -> str:
            values[f":{len(values)}"] = thing
            return f":{len(values) - 1}"

        sets = [f"{name(path)} = {value(thing)}" for path, thing in self.given.items()]
        sets += [
            f"{name(path)} = if_not_exists({name(path)}, {value(thing)})" for path, thing in self._defaults.items()
        ]
        clauses = {
            "SET": sets,
            "ADD": [f"{name(path)} {value(1)}" for path in self._counted],
            "REMOVE": [name(path) for path in self._removed],
        }
        answer = table.update_item(
            Key=dict(key),
            UpdateExpression=" ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts),
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return answer["Attributes"]
