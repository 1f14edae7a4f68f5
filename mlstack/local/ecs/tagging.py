"""The tags of what is kept here; those of clusters and capacity providers are moto's."""

from collections.abc import Callable

from mlstack.local.ecs.refusal import invalid
from mlstack.local.json_service import Answer, Json

OPERATIONS = frozenset({"ListTagsForResource", "TagResource", "UntagResource"})
OURS = (":service/", ":task/", ":task-definition/")
Find = Callable[[str], list[Json] | None]
"""The list of a resource's tags by its ARN; the list itself, to be changed."""


class Tagging:
    """Labels on whatever one of several stores knows."""

    def __init__(self, *stores: Find) -> None:
        self._stores = stores

    def answers(self) -> dict[str, Answer]:
        """Its operations."""
        return {"ListTagsForResource": self._list, "TagResource": self._tag, "UntagResource": self._untag}

    @staticmethod
    def is_motos(operation: str, asked: Json) -> bool:
        """Whether a request is about something that moto keeps."""
        return operation in OPERATIONS and not any(kind in str(asked.get("resourceArn", "")) for kind in OURS)

    def _of(self, asked: Json) -> list[Json]:
        found = next((tags for store in self._stores if (tags := store(asked["resourceArn"])) is not None), None)
        if found is None:
            message = "The specified resource could not be found."
            raise invalid(message)
        return found

    def _list(self, asked: Json) -> Json:
        return {"tags": self._of(asked)}

    def _tag(self, asked: Json) -> None:
        found = self._of(asked)
        new = {one["key"]: one for one in asked["tags"]}
        found[:] = [*(one for one in found if one["key"] not in new), *new.values()]

    def _untag(self, asked: Json) -> None:
        found = self._of(asked)
        found[:] = [one for one in found if one["key"] not in asked["tagKeys"]]
