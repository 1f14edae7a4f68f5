"""Parameters of a Step Functions task against the input shape of the API that it calls."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from botocore.model import ListShape, MapShape, Shape, StructureShape

from checks.scalars import out_of_range, scalar, suggestion, wrong_type
from checks.symbols import Json

# Given as an object, an optimised integration turns these into the JSON text that the API wants
JSON_TEXT = {"ClientContext", "Detail", "Input", "Message", "MessageBody"}


@dataclass(frozen=True, slots=True)
class Validator:
    """Finds what an API would refuse in the parameters of a task."""

    optimised: bool
    jsonata: bool = False

    def faults(self, value: Json, shape: Shape, path: str = "") -> Iterator[str]:
        """What is wrong with ``value``, one line each; what is known only at run time is taken to be right."""
        if is_jsonata(value) or getattr(shape, "is_document_type", False) or shape.type_name == "blob":
            return
        if isinstance(shape, StructureShape):
            yield from self._structure(value, shape, path)
        elif isinstance(shape, ListShape):
            yield from self._list(value, shape, path)
        elif isinstance(shape, MapShape):
            yield from self._map(value, shape, path)
        elif not (self.optimised and isinstance(value, dict) and path.rpartition(".")[2] in JSON_TEXT):
            yield from self._scalar(value, shape, path)

    def _name(self, key: str) -> str:
        # In JSONPath a key that ends so takes its value from the state; JSONata has no such keys
        return key if self.jsonata else key.removesuffix(".$")

    def _scalar(self, value: Json, shape: Shape, path: str) -> Iterator[str]:
        path_as_text = isinstance(value, str) and value.startswith(("$.", "$$.", "States.")) and not self.jsonata
        if path_as_text and not path.endswith("Path"):
            yield f"{path} is the text {value!r}; to take it from the state, its key must end in .$"
        else:
            yield from scalar(value, shape, path)

    def _structure(self, value: Json, shape: StructureShape, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong_type(value, "an object", path)
            return
        spellings = {spelling: name for name in shape.members for spelling in spelled(name)}
        given: set[str] = set()
        for key, part in value.items():
            name = self._name(key)
            if name not in spellings:
                yield f"{_inside(path, name)} is no parameter{suggestion(name, spellings)}"
                continue
            given.add(spellings[name])
            if name == key:
                yield from self.faults(part, shape.members[spellings[name]], _inside(path, name))
        for name in shape.required_members:
            # The SDK fills an idempotency token in by itself
            if name not in given and "idempotencyToken" not in shape.members[name].metadata:
                yield f"{_inside(path, spelled(name)[0])} is missing"
        if shape.is_tagged_union and len(given) > 1:
            yield f"{path or 'the parameters'} may have only one of {', '.join(sorted(given))}"

    def _list(self, value: Json, shape: ListShape, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield wrong_type(value, "a list", path)
            return
        yield from out_of_range(len(value), shape, path, "items")
        for index, part in enumerate(value):
            yield from self.faults(part, shape.member, f"{path}[{index}]")

    def _map(self, value: Json, shape: MapShape, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong_type(value, "an object", path)
            return
        for key, part in value.items():
            name = self._name(key)
            yield from self._scalar(name, shape.key, f"the key {_inside(path, name)}")
            if name == key:
                yield from self.faults(part, shape.value, _inside(path, name))


def spelled(name: str) -> tuple[str, ...]:
    """How Step Functions spells a member: upper case first, and the SDK for Java's DbName beside DBName."""
    pascal = name[0].upper() + name[1:]
    acronym = re.match(r"[A-Z]+(?![a-z])", pascal)
    return tuple(dict.fromkeys((pascal, acronym[0].capitalize() + pascal[acronym.end() :] if acronym else pascal)))


def is_jsonata(value: Json) -> bool:
    """Whether ``value`` is an expression of JSONata, known only at run time."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
