"""What is wrong with a profile, in one line: the key, its value, and what is allowed."""

import difflib
import json
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from stacks.rules import RuleError, Settings

LONGEST_SHOWN = 300
"""In letters: longer values are cut."""
Problem = Any
"""pydantic_core.ErrorDetails, which exists for type checkers alone."""
# What TOML calls the types that pydantic names in Python's words.
TOML_WORDS = {
    "bool_type": "be true or false",
    "float_type": "be a number",
    "int_type": "be a whole number",
    "model_type": "be a table",
    "string_type": "be a string in quotes",
    "tuple_type": "be a list in square brackets",
}


def explained(problem: Problem, root: type[BaseModel]) -> str:
    """One problem in one line: the key, its value, and what is allowed."""
    keys = [str(part) for part in problem["loc"] if part != "[key]"]
    key = ".".join(keys)
    match problem["type"]:
        case "missing":
            line = f"{key}: is missing; {_purpose(keys, root)}"
        case "extra_forbidden":
            line = f"{key}: is not a key; {_suggestion(keys, root)}"
        case "value_error" if isinstance(problem["ctx"]["error"], RuleError):
            rule = problem["ctx"]["error"]
            said = "" if rule.value is None else f" = {json.dumps(rule.value)}"  # TOML has no null: it was not said
            line = f"{'.'.join([*keys, rule.key])}{said}: {rule}"
        case "model_type" if holder := _holder(keys, root):
            line = f"{key} = {_shown(problem)}: must be a table, [{holder}.NAME], with keys such as {_some(keys, root)}"
        case "value_error":
            line = f"{key} = {_shown(problem)}: {problem['ctx']['error']}"
        case kind:
            wanted = TOML_WORDS.get(kind, problem["msg"].partition(" should ")[2])
            line = f"{key} = {_shown(problem)}: must {wanted}"
    return _one_line(line)


def _shown(problem: Problem) -> str:
    text = json.dumps(problem["input"], default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _one_line(text: str) -> str:
    """The text with line breaks and other unprintable letters written out."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _table(keys: list[str], root: type[BaseModel]) -> type[BaseModel] | None:
    """The table that holds the key at the end of ``keys``; the keys of a dict of tables are names that people chose."""
    model = root
    rest = iter(keys[:-1])
    for key in rest:
        annotation = model.model_fields[key].annotation if key in model.model_fields else None
        if get_origin(annotation) is dict and next(rest, None) is not None:
            annotation = get_args(annotation)[1]
        choices = (annotation, *get_args(annotation))  # a table that may be left out is a union with None
        tables = [one for one in choices if isinstance(one, type) and issubclass(one, BaseModel)]
        if not tables:
            return None
        model = tables[0]
    return model


def _holder(keys: list[str], root: type[BaseModel]) -> str:
    """The table of named tables in which something else stands; empty where it is no such table."""
    table = _table(keys[:-1], root)
    field = table.model_fields.get(keys[-2]) if table and len(keys) > 1 else None
    return ".".join(keys[:-1]) if field and get_origin(field.annotation) is dict else ""


def _some(keys: list[str], root: type[BaseModel]) -> str:
    """The first keys of a table that should stand here."""
    table = _table([*keys, ""], root)
    return ", ".join(list(table.model_fields)[:3]) if table else "those of the documentation"


def _purpose(keys: list[str], root: type[BaseModel]) -> str:
    table = _table(keys, root)
    field = table.model_fields.get(keys[-1]) if table else None
    return (field.description if field and field.description else "the table is needed").rstrip(".")


def _suggestion(keys: list[str], root: type[BaseModel]) -> str:
    table = _table(keys, root)
    if table is None:
        return "no table stands here"
    if issubclass(table, Settings) and (reason := table.REFUSED.get(keys[-1])):
        return reason
    allowed = sorted(table.model_fields)
    guess = difflib.get_close_matches(keys[-1], allowed, n=1)
    return f"did you mean {guess[0]}?" if guess else f"allowed: {', '.join(allowed)}"
