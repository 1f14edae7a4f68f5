"""Values of a template, as CloudFormation would fill them in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mlstack.errors import UserError

VARIABLE = re.compile(r"\$\{(?P<literal>!)?(?P<name>[^}]*)\}")
REPOSITORY = "AWS::ECR::Repository"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a stack lies."""

    partition: str
    region: str
    account: str
    url_suffix: str

    @property
    def pseudo_parameters(self) -> Mapping[str, str]:
        """What a template may ask of it by Ref."""
        return {
            "AWS::AccountId": self.account,
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::URLSuffix": self.url_suffix,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What is known when values are filled in."""

    place: Place
    names: Mapping[str, str]
    """What the deployed resources are really called, by their names in the template."""
    kinds: Mapping[str, str]
    """The types of the template's resources, by the same names."""

    def value(self, said: object) -> str:
        """A value as text; raise UserError for what only a deploy can know."""
        if isinstance(said, str):
            return said
        if isinstance(said, bool):
            return str(said).lower()
        if isinstance(said, int):
            return str(said)
        if isinstance(said, dict) and len(said) == 1:
            [(function, argument)] = said.items()
            filled = self._filled(str(function), argument)
            if filled is not None:
                return filled
        message = f"cdk.out has a value that only a deploy fills in ({str(said)[:80]}); deploy the stage, which builds"
        raise UserError(message)

    def _filled(self, function: str, argument: object) -> str | None:
        match function, argument:
            case "Ref", str(name):
                return {**self.names, **self.place.pseudo_parameters}.get(name)
            case "Fn::GetAtt", [str(name), "Arn"]:
                return self._arn(name)
            case "Fn::Sub", str(text):
                return VARIABLE.sub(self._variable, text)
            case "Fn::Join", [str(between), list(parts)]:
                return between.join(self.value(part) for part in parts)
            case "Fn::Select", [int() | str() as index, {"Fn::Split": [str(between), whole]}]:
                parts = self.value(whole).split(between)
                return parts[int(index)] if str(index).isdecimal() and int(index) < len(parts) else None
        return None

    def _variable(self, found: re.Match[str]) -> str:
        return "${" + found["name"] + "}" if found["literal"] else self.value({"Ref": found["name"]})

    def _arn(self, name: str) -> str | None:
        if self.kinds.get(name) != REPOSITORY or name not in self.names:
            return None
        place = self.place
        return f"arn:{place.partition}:ecr:{place.region}:{place.account}:repository/{self.names[name]}"
