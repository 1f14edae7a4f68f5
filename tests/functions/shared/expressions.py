"""DynamoDB's condition and update expressions, as far as the functions use them, on items as plain dictionaries."""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import ge, gt, le, lt, ne
from typing import Any

Item = dict[str, Any]
TOKEN = re.compile(r"<=|>=|<>|[<>=+(),]|[:#\w.]+")
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "<>": ne}
MISSING = object()


def plain(value: Any) -> Any:  # noqa: ANN401 (whatever an item holds)
    """A value as DynamoDB keeps it and boto3 gives it back; raise TypeError where boto3 would not send it."""
    match value:
        case bool() | str() | None:
            return value
        case int() | Decimal():
            return Decimal(value)
        case Mapping():
            return {name: plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
    message = f"Unsupported type {type(value)} for value {value!r}"
    raise TypeError(message)


@dataclass
class Expression:
    """An expression with its placeholders, read against one item."""

    text: str
    names: Mapping[str, str]
    values: Mapping[str, Any]
    item: Mapping[str, Any] | None

    def __post_init__(self) -> None:
        self._tokens: list[str] = TOKEN.findall(self.text)

    def holds(self) -> bool:
        """Whether it holds as a condition."""
        result = self._any()
        self._finish()
        return result

    def applied(self, key: Mapping[str, Any]) -> Item:
        """The item after the update; every right-hand side reads the item as it was before."""
        after: Item = deepcopy(dict(self.item)) if self.item is not None else dict(key)
        while self._tokens:
            verb = self._tokens.pop(0)
            while True:
                self._change(verb, after)
                if not self._follows(","):
                    break
        return after

    def _change(self, verb: str, after: Item) -> None:
        path = self._path(self._tokens.pop(0))
        holder = reduce(lambda inside, part: inside[part], path[:-1], after)
        match verb:
            case "SET":
                self._take("=")
                holder[path[-1]] = plain(self._sum())
            case "ADD":
                before = self._read(path)
                holder[path[-1]] = (Decimal() if before is MISSING else before) + self._operand()
            case "REMOVE":
                holder.pop(path[-1], None)
            case _:
                raise NotImplementedError(verb)

    def _any(self) -> bool:
        results = [self._all()]
        while self._follows("OR"):
            results.append(self._all())
        return any(results)

    def _all(self) -> bool:
        results = [self._one()]
        while self._follows("AND"):
            results.append(self._one())
        return all(results)

    def _one(self) -> bool:
        if self._follows("("):
            inner = self._any()
            self._take(")")
            return inner
        if self._tokens[0] in {"attribute_exists", "attribute_not_exists"}:
            wanted = self._tokens.pop(0) == "attribute_exists"
            self._take("(")
            found = self._operand() is not MISSING
            self._take(")")
            return found is wanted
        return self._comparison()

    def _comparison(self) -> bool:
        left, sign = self._operand(), self._tokens.pop(0)
        if sign == "IN":
            self._take("(")
            choices = [self._operand()]
            while self._follows(","):
                choices.append(self._operand())
            self._take(")")
            return left in choices
        right = self._operand()
        if left is MISSING or right is MISSING or type(left) is not type(right):
            return False
        return bool(left == right) if sign == "=" else COMPARED[sign](left, right)

    def _sum(self) -> Any:  # noqa: ANN401 (whatever an item holds)
        total = self._operand()
        while self._follows("+"):
            total += self._operand()
        return total

    def _operand(self) -> Any:  # noqa: ANN401 (whatever an item holds)
        token = self._tokens.pop(0)
        if token.startswith(":"):
            return plain(self.values[token])
        if token == "if_not_exists":  # noqa: S105 (an expression's word)
            self._take("(")
            found = self._read(self._path(self._tokens.pop(0)))
            self._take(",")
            default = self._operand()
            self._take(")")
            return default if found is MISSING else found
        if token == "size" and self._follows("("):  # noqa: S105 (an expression's word)
            held = self._operand()
            self._take(")")
            return held if held is MISSING else Decimal(len(held))
        return self._read(self._path(token))

    def _path(self, token: str) -> Sequence[str]:
        return [self.names[part] if part.startswith("#") else part for part in token.split(".")]

    def _read(self, path: Sequence[str]) -> Any:  # noqa: ANN401 (whatever an item holds)
        found: Any = self.item if self.item is not None else {}
        for part in path:
            if not isinstance(found, Mapping) or part not in found:
                return MISSING
            found = found[part]
        return found

    def _follows(self, token: str) -> bool:
        if self._tokens[:1] == [token]:
            del self._tokens[0]
            return True
        return False

    def _take(self, token: str) -> None:
        if not self._follows(token):
            message = f"{token!r} expected before {self._tokens!r} in {self.text!r}"
            raise SyntaxError(message)

    def _finish(self) -> None:
        if self._tokens:
            message = f"{self._tokens!r} left over of {self.text!r}"
            raise SyntaxError(message)
