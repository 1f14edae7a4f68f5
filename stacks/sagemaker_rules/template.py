"""A CloudFormation template as the rules read it: functions worked out, references followed."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from stacks.sagemaker_rules.properties import MAYBE, Json, Properties, known

NAMES = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::SageMaker::Endpoint": "EndpointName",
    "AWS::SageMaker::EndpointConfig": "EndpointConfigName",
    "AWS::SageMaker::InferenceComponent": "InferenceComponentName",
    "AWS::SageMaker::Model": "ModelName",
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": "NotebookInstanceLifecycleConfigName",
}
"""The property of each type that is its name, under which others refer to it."""
REFERENCE = re.compile(r"\$\{(\w+)(?:\.\w+)?\}")
VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
ABSENT = {"Ref": "AWS::NoValue"}
BRANCHES = 3


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the template."""

    logical_id: str
    type: str
    properties: Properties
    raw: Mapping[str, Json]


class Template:
    """Everything that the template says for certain; the rest stands as `${...}`."""

    def __init__(self, raw: Mapping[str, Json], region: str | None = None) -> None:
        self._sections = {name: _object(raw.get(name)) for name in ("Mappings", "Resources")}
        self.region = region
        self._naming: set[str] = set()  # whose name is being worked out: names may refer to one another in a circle

    @cached_property
    def resources(self) -> list[Resource]:
        """Every resource with a type."""
        return [
            Resource(logical_id, kind, Properties(_object(self.resolve(resource.get("Properties")))), resource)
            for logical_id, resource in self._sections["Resources"].items()
            if isinstance(resource, dict) and isinstance(kind := resource.get("Type"), str)
        ]

    def of(self, *types: str) -> list[Resource]:
        """The resources of these types."""
        return [resource for resource in self.resources if resource.type in types]

    def find(self, kind: str, name: str) -> Resource | None:
        """The resource of a type that ``name`` names or refers to; None where this template holds none."""
        reference = REFERENCE.fullmatch(name)
        for resource in self.of(kind) if name else ():
            if (reference and resource.logical_id == reference[1]) or self.name(resource) == name:
                return resource
        return None

    def name(self, resource: Resource) -> str:
        """The name of a resource: as given, or as a reference to what CloudFormation will make up."""
        key = NAMES.get(resource.type, "")
        return resource.properties.text(key) or f"${{{resource.logical_id}.{key}}}"

    def waits_for(self, resource: Resource, other: Resource) -> bool:
        """Whether CloudFormation makes ``other`` before ``resource``."""
        seen: set[str] = set()
        waiting = [resource.logical_id]
        while waiting:
            here = waiting.pop()
            if here == other.logical_id:
                return True
            if here not in seen:
                seen.add(here)
                waiting += self._needs.get(here, ())
        return False

    @cached_property
    def _needs(self) -> dict[str, set[str]]:
        """What each resource refers to or depends on."""
        needs = {}
        for resource in self.resources:
            raw = resource.raw
            depends = raw.get("DependsOn")
            named = {depends} if isinstance(depends, str) else set(_texts(depends))
            needs[resource.logical_id] = named | set(_references(raw.get("Properties")))
        return needs

    def resolve(self, value: Json) -> Json:
        """The value with its functions worked out as far as the template and the region allow."""
        match value:
            case dict() if len(value) == 1 and (key := next(iter(value))) and (key == "Ref" or key.startswith("Fn::")):
                return self._call(key, value[key])
            case dict():
                return {key: self.resolve(part) for key, part in value.items() if part != ABSENT}
            case list():
                return [self.resolve(part) for part in value if part != ABSENT]
            case _:
                return value

    def _call(self, function: str, argument: Json) -> Json:  # noqa: PLR0911 (one case a function reads best)
        match function, argument:
            case "Ref", str(name):
                return self._reference(name)
            case "Fn::GetAtt", [str(name), str(attribute)]:
                return self._attribute(name, attribute)
            case "Fn::GetAtt", str(path):
                return self._attribute(*path.split(".", 1)) if "." in path else _opaque(function, path)
            case "Fn::Join", [str(separator), list(parts)]:
                return separator.join(self._text(part) for part in parts if part != ABSENT)
            case "Fn::Sub", str(text):
                return self._sub(text, {})
            case "Fn::Sub", [str(text), dict(values)]:
                return self._sub(text, values)
            case "Fn::If", [_, yes, no]:
                return MAYBE if ABSENT in (yes, no) else _opaque(function, argument)
            case "Fn::FindInMap", [name, first, second, *_]:
                return self._mapped(self._text(name), self._text(first), self._text(second), argument)
            case _:
                return _opaque(function, argument)

    def _reference(self, name: str) -> str:
        if name == "AWS::Region" and self.region:
            return self.region
        resource = _object(self._sections["Resources"].get(name))
        if resource.get("Type") == "AWS::CloudWatch::Alarm":  # of the types above, the one whose Ref is its name
            return self._attribute(name, NAMES["AWS::CloudWatch::Alarm"], reference=f"${{{name}}}")
        return f"${{{name}}}"

    def _attribute(self, name: str, attribute: str, reference: str = "") -> str:
        """A resource's name where the template gives it; else the reference itself."""
        fallback = reference or f"${{{name}.{attribute}}}"
        resource = _object(self._sections["Resources"].get(name))
        kind = resource.get("Type")
        if not isinstance(kind, str) or NAMES.get(kind) != attribute or name in self._naming:
            return fallback
        self._naming.add(name)
        given = self.resolve(_object(resource.get("Properties")).get(attribute))
        self._naming.discard(name)
        return given if isinstance(given, str) and known(given) and given else fallback

    def _mapped(self, name: str, first: str, second: str, argument: Json) -> Json:
        found = _object(_object(self._sections["Mappings"].get(name)).get(first)).get(second)
        return found if isinstance(found, str | int | float | list) else _opaque("Fn::FindInMap", argument)

    def _sub(self, text: str, values: dict[str, Json]) -> str:
        def part(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return name
            if name in values:
                return self._text(values[name])
            resource, dot, attribute = name.partition(".")
            return self._attribute(resource, attribute) if dot else self._reference(name)

        return VARIABLE.sub(part, text)

    def _text(self, value: Json) -> str:
        resolved = self.resolve(value)
        if isinstance(resolved, bool):
            return "true" if resolved else "false"
        return str(resolved) if isinstance(resolved, str | int | float) else _opaque("", resolved)


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _texts(value: Json) -> Iterator[str]:
    yield from (part for part in (value if isinstance(value, list) else ()) if isinstance(part, str))


def _opaque(function: str, argument: Json) -> str:
    """A stand-in that is equal for equal functions, and that no path or name can be mistaken for."""
    return f"${{{re.sub(r'[^A-Za-z0-9]+', '_', function + json.dumps(argument))}_}}"


def _references(value: Json) -> Iterator[str]:
    """The logical ids that a value refers to."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::GetAtt": str(path)}:
            yield path.partition(".")[0]
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            yield from (match[2].partition(".")[0] for match in VARIABLE.finditer(text))
    match value:
        case dict():
            for part in value.values():
                yield from _references(part)
        case list():
            for part in value:
                yield from _references(part)
        case _:
            return
