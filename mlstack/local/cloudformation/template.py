"""Templates read as the JSON that the CDK writes: moto reads every one as YAML, letter by letter, several times."""

import json
from collections.abc import Callable
from typing import Any

from moto.cloudformation.models import ChangeSet, Stack

from mlstack.local.mend import replace


def mend() -> None:
    """Let moto read as YAML only what is not JSON."""
    moto_parse = Stack.parse_template

    def parse_template(template: str) -> dict[str, Any]:
        return read(template, otherwise=moto_parse)

    def _parse_template(self: ChangeSet) -> None:
        self.template_dict = parse_template(str(self.template))

    replace(Stack, "parse_template", staticmethod(parse_template))
    replace(ChangeSet, "_parse_template", _parse_template)


def read(template: str, *, otherwise: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The template's content."""
    try:
        found = json.loads(template)
    except ValueError:
        return otherwise(template)
    return found if isinstance(found, dict) else otherwise(template)
