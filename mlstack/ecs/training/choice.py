"""Which run a person means: by its name, by the beginning of it, or the latest."""

from difflib import get_close_matches

from mlstack.errors import UserError
from mlstack.training.runs import Run, Runs

LOOKED_AT = 100
"""The latest names, among which a beginning is looked for."""
SHOWN = 3


def latest(runs: Runs) -> Run:
    """The one that was started last; raise UserError where there has been none."""
    found = next(runs.latest(1), None)
    if found is None:
        target = runs.stage.target
        example = target.command("run training MODEL --on ecs --data FOLDER")
        message = f"{target.shown} has had no run on ECS; `{example}` starts one"
        raise UserError(message)
    return found


def named(runs: Runs, said: str) -> Run:
    """The run of a name, or of a beginning that one of the latest has alone; raise UserError where there is none."""
    if found := runs.find(said):
        return found
    names = runs.names(LOOKED_AT)
    begun = [name for name in names if name.startswith(said)]
    if len(begun) == 1:
        return runs.require(begun[0])
    if begun:
        more = f" and {len(begun) - SHOWN} more" if len(begun) > SHOWN else ""
        message = f"{said} begins the names of {', '.join(begun[:SHOWN])}{more}; say more of the one"
        raise UserError(message)
    close = get_close_matches(said, names, n=1) or get_close_matches(said, beginnings(names), n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    message = f"{runs.stage.target.shown} has no run {said}; {meant}see `{runs.list_command}`"
    raise UserError(message)


def beginnings(names: list[str]) -> list[str]:
    """What runs are called after, without their time and their number."""
    return list(dict.fromkeys(name.rsplit("-", 3)[0] for name in names))
