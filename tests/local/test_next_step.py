"""The command that a deploy names next is one, and fits what was deployed."""

from dataclasses import replace
from pathlib import Path

import click
import pytest

from mlstack.assembly import Assembly
from mlstack.command import mlstack
from mlstack.local.next_step import COMMANDS, OTHERWISE, next_steps
from tests.local.announced import assembly

SERVICE, RUN = "/mlstack/lab/ecs/services/front", "/mlstack/lab/ecs/training"
EVERYTHING = ["Network", "Notebook", "Training", "Workstations", "Ecs", "Endpoints", "Images", "Vision"]


@pytest.mark.parametrize(
    ("stacks", "parameters", "command"),
    [
        (EVERYTHING, [RUN, SERVICE], "mlstack vision analyse PHOTO... --stage lab"),
        (EVERYTHING[:-1], [RUN, SERVICE], "mlstack endpoint list --stage lab"),
        (EVERYTHING[:5], [RUN, SERVICE], "mlstack service list --stage lab"),
        (EVERYTHING[:5], [RUN], "mlstack run training MODEL --on ecs --data FOLDER --stage lab"),
        (EVERYTHING[:5], [], "mlstack workstation status --stage lab"),
        (EVERYTHING[:3], [], "mlstack train MODEL --data FOLDER --stage lab"),
        (EVERYTHING[:2], [], "mlstack notebook status --stage lab"),
        (["Network", "Images"], [], "mlstack image list --stage lab"),
        (["Ecs"], ["/mlstack/other/ecs/training", {"Ref": "A"}], "mlstack local status"),
        (["Network", "Storage"], [], "mlstack local status"),
        ([], [], "mlstack local status"),
    ],
)
def test_the_first_thing_that_is_there_is_named(
    tmp_path: Path, stacks: list[str], parameters: list[object], command: str
) -> None:
    assert next_steps(assembly(tmp_path, *stacks, parameters=parameters)) == [command]


def test_each_stage_has_its_own_and_what_is_nobodys_has_none(tmp_path: Path) -> None:
    for stage in ("b", "a"):
        (tmp_path / stage).mkdir()
    [one] = assembly(tmp_path / "b", "Vision", stage="b").stacks
    [other] = assembly(tmp_path / "a", "Endpoints", stage="a").stacks

    found = next_steps(Assembly((one, other, replace(one, name="foreign", tags={}))))

    assert found == ["mlstack endpoint list --stage a", "mlstack vision analyse PHOTO... --stage b"]


@pytest.mark.parametrize("command", [*(f"{command} --stage x" for command in COMMANDS.values()), OTHERWISE])
def test_what_is_named_is_a_command(command: str) -> None:
    rest = command.replace("PHOTO...", __file__).replace("MODEL", "sorter").split()[1:]

    found: click.Command = mlstack
    while isinstance(found, click.Group):
        found, rest = found.commands[rest[0]], rest[1:]

    assert found.make_context(found.name, rest).params
