"""In which order a template's resources are made: each after those that it names."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

NAMED = re.compile(r"\$\{([^!}.]+)[^}]*\}")


def references(body: object) -> frozenset[str]:
    """Every logical id that a resource's body names by Ref, Fn::GetAtt, Fn::Sub or DependsOn."""
    after = body.get("DependsOn", []) if isinstance(body, Mapping) else []
    return frozenset([*([after] if isinstance(after, str) else after), *_references(body)])


def creation_order(resources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """All names, each after the resources that it names; otherwise as written. Raise ValueError for a circle."""
    needs = {name: (references(body) & resources.keys()) - {name} for name, body in resources.items()}
    ordered: dict[str, None] = {}
    while len(ordered) < len(needs):
        ready = [name for name in needs if name not in ordered and needs[name] <= ordered.keys()]
        if not ready:
            names = ", ".join(name for name in needs if name not in ordered)
            message = f"Circular dependency between resources: [{names}]"
            raise ValueError(message)
        ordered.update(dict.fromkeys(ready))
    return list(ordered)


def deletion_order(resources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """All names, each before the resources that it names."""
    return creation_order(resources)[::-1]


def _references(body: object) -> Iterator[str]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield from _named(key, value)
            yield from _references(value)
    elif isinstance(body, list):
        for item in body:
            yield from _references(item)


def _named(key: str, value: object) -> Iterator[str]:
    if key == "Ref" and isinstance(value, str):
        yield value
    elif key == "Fn::GetAtt":
        yield from [value.split(".")[0]] if isinstance(value, str) else value[:1] if isinstance(value, list) else []
    elif key == "Fn::Sub":
        text = value[0] if isinstance(value, list) and value else value
        yield from NAMED.findall(text) if isinstance(text, str) else []
