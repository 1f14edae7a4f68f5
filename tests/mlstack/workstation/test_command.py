"""`mlstack workstation` explains itself."""

import pytest

from tests.mlstack.workstation.conftest import Run, Stage


@pytest.mark.parametrize("words", ["", "status", "start", "stop", "ssh", "jupyter", "keep-awake"])
def test_everything_explains_itself_with_an_example(run: Run, stage: Stage, words: str) -> None:
    code, output, _ = run(*words.split(), "--help")

    assert code == 0
    assert f"Example: mlstack workstation {words}" in output
    assert stage.asked == []


@pytest.mark.parametrize("words", ["start", "stop", "ssh", "jupyter", "keep-awake 2h"])
def test_a_stage_without_workstations_names_the_next_step(run: Run, stage: Stage, words: str) -> None:
    code, output, errors = run(*words.split())

    assert (code, output) == (2, "")
    assert errors == (
        f"mlstack: stage sandbox on {stage.account.shown} has no workstation; "
        "write [workstations.NAME] into its profile and deploy it\n"
    )
