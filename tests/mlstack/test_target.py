"""The stage that a command means, and how another command for it is typed."""

import shlex

import click
import pytest
from click.testing import CliRunner

from mlstack import account, deployment, target
from mlstack.account import Account
from mlstack.target import Target

LOCAL = Account(shown="the local AWS", is_local=True, client=lambda _: None)
REAL = Account(shown="account 1 in eu-west-3", is_local=False, client=lambda _: None)


def test_the_outputs_are_those_of_the_stack_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "outputs", lambda found, stage, stack: {found.shown: f"{stage} {stack}"})

    assert Target(LOCAL, "team").outputs("Notebook") == {"the local AWS": "team Notebook"}


@pytest.mark.parametrize(
    ("options", "found", "said"),
    [
        ("", LOCAL, "mlstack notebook open"),
        ("--local --stage team", LOCAL, "mlstack notebook open --stage team"),
        ("--aws", REAL, "mlstack notebook open --aws"),
        (
            "--aws --stage team --region eu-west-3",
            REAL,
            "mlstack notebook open --stage team --aws --region eu-west-3",
        ),
    ],
)
def test_a_next_step_is_for_the_same_stage(
    monkeypatch: pytest.MonkeyPatch, options: str, found: Account, said: str
) -> None:
    monkeypatch.setattr(account, "choose", lambda *_: found)

    @click.command()
    @target.options
    def show(target: Target) -> None:
        click.echo(target.command("notebook open"))

    assert CliRunner().invoke(show, shlex.split(options)).stdout == f"{said}\n"
