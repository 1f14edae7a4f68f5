"""CloudFormation's functions worked out to plain values, so that what is inside a template can be read."""

import base64
import json
import re
from dataclasses import dataclass

from checks import placeholders, symbols
from checks.symbols import Json, UnresolvableError
from mlstack.assembly import Assembly, Stack

VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")
ABSENT = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, slots=True)
class Resolver:
    """Works out the values of one stack; imports are looked up in the other stacks of the assembly."""

    stack: Stack
    assembly: Assembly

    def resolve(self, value: Json) -> Json:
        """The value with every function replaced; of an `Fn::If`, the first branch."""
        value = _chosen(value)
        match value:
            case {"Ref": str(name), **rest} if not rest:
                return symbols.reference(self.stack, name)
            case dict() if len(value) == 1 and next(iter(value)).startswith("Fn::"):
                function, argument = next(iter(value.items()))
                return self._call(function, argument)
            case dict():
                kept = {key: _chosen(part) for key, part in value.items()}
                return {key: self.resolve(part) for key, part in kept.items() if part != ABSENT}
            case list():
                return [self.resolve(part) for part in map(_chosen, value) if part != ABSENT]
            case _:
                return value

    def text(self, value: Json) -> str:
        """The value as the string that CloudFormation would make of it."""
        resolved = self.resolve(value)
        match resolved:
            case bool():
                return "true" if resolved else "false"
            case str() | int() | float():
                return str(resolved)
            case _:
                message = f"a {type(resolved).__name__} stands where a string is needed"
                raise UnresolvableError(message)

    def _call(self, function: str, argument: Json) -> Json:  # noqa: PLR0911 (one case a function reads best)
        match function, argument:
            case "Fn::Select", [index, parts]:
                return self._at(self._list(parts), self.text(index))
            case "Fn::Split", [str(separator), whole]:
                return list(self.text(whole).split(separator))
            case "Fn::GetAZs", _:
                return [placeholders.environment(self.stack)[1] + letter for letter in "abc"]
            case "Fn::Cidr", [_, count, *_]:
                return [f"10.0.{number}.0/24" for number in range(int(self.text(count)))]
            case "Fn::FindInMap", [table, key, name, *_]:
                return symbols.mapped(self.stack, [self.text(part) for part in (table, key, name)])
            case "Fn::ImportValue", name:
                return self._exported(self.text(name))
            case "Fn::GetStackOutput", {"StackName": stack, "OutputName": output}:
                return self._output(self.text(stack), self.text(output))
            case "Fn::Length", parts:
                return len(self._list(parts))
            case _:
                return self._string(function, argument)

    def _string(self, function: str, argument: Json) -> str:  # noqa: PLR0911 (likewise)
        match function, argument:
            case "Fn::Join", [str(separator), parts]:
                return separator.join(self.text(part) for part in self._list(parts))
            case "Fn::Sub", str(template):
                return self._sub(template, {})
            case "Fn::Sub", [str(template), dict(values)]:
                return self._sub(template, values)
            case "Fn::GetAtt", [str(name), *rest]:
                return symbols.attribute(self.stack, name, ".".join(self.text(part) for part in rest))
            case "Fn::GetAtt", str(path):
                name, _, key = path.partition(".")
                return symbols.attribute(self.stack, name, key)
            case "Fn::Base64", content:
                return base64.b64encode(self.text(content).encode()).decode()
            case "Fn::ToJsonString", content:
                return json.dumps(self.resolve(content))
            case _:
                message = f"{function} of {json.dumps(argument)[:80]} is not understood"
                raise UnresolvableError(message)

    def _list(self, value: Json) -> list[Json]:
        resolved = self.resolve(value)
        if isinstance(resolved, list):
            return resolved
        # A parameter of a list type is written as one string
        return list(self.text(resolved).split(","))

    def _at(self, parts: list[Json], index: str) -> Json:
        if not index.isdigit() or int(index) >= len(parts):
            message = f"Fn::Select takes item {index} of {len(parts)}"
            raise UnresolvableError(message)
        return parts[int(index)]

    def _sub(self, template: str, values: dict[str, Json]) -> str:
        def value(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in values:
                return self.text(values[name])
            resource, dot, key = name.partition(".")
            return symbols.attribute(self.stack, resource, key) if dot else self.text({"Ref": name})

        return VARIABLE.sub(value, template)

    def _exported(self, name: str) -> Json:
        for stack in self.assembly.stacks:
            inside = Resolver(stack, self.assembly)
            for output in stack.template.get("Outputs", {}).values():
                if "Export" in output and inside.text(output["Export"]["Name"]) == name:
                    return inside.resolve(output["Value"])
        message = f"no stack exports {name}"
        raise UnresolvableError(message)

    def _output(self, stack_name: str, output: str) -> Json:
        for stack in self.assembly.stacks:
            outputs = stack.template.get("Outputs", {})
            if stack.name == stack_name and output in outputs:
                return Resolver(stack, self.assembly).resolve(outputs[output]["Value"])
        message = f"no stack {stack_name} has an output {output}"
        raise UnresolvableError(message)


def _chosen(value: Json) -> Json:
    while isinstance(value, dict) and list(value) == ["Fn::If"]:
        branches = value["Fn::If"]
        if not isinstance(branches, list) or len(branches) != 3:  # noqa: PLR2004 (condition, then, else)
            message = f"Fn::If of {json.dumps(branches)[:80]} is not understood"
            raise UnresolvableError(message)
        value = branches[1]
    return value
