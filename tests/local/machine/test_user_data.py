"""Only the project's own boot script is run."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.machine.user_data import VALUE, is_ours, ours
from tests.local.machine.box import boot_script

TEMPLATE = "#!/bin/bash\nregion='@REGION@' stack='@STACK@'\necho .*\n"


def test_the_boot_script_of_the_project_is_ours() -> None:
    assert ours(boot_script("mlstack-sandbox-Workstations"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#!/bin/bash\nrm -rf /\n",
        TEMPLATE,
        TEMPLATE.replace("@REGION@", "eu-west-3"),
        TEMPLATE.replace("@REGION@", "x'; rm -rf /; '").replace("@STACK@", "s"),
        TEMPLATE.replace("@REGION@", "a\nb").replace("@STACK@", "s"),
        TEMPLATE.replace("@REGION@", "").replace("@STACK@", "s"),
        TEMPLATE.replace("@REGION@", "r").replace("@STACK@", "s") + "rm -rf /\n",
        "rm -rf /\n" + TEMPLATE.replace("@REGION@", "r").replace("@STACK@", "s"),
        TEMPLATE.replace("@REGION@", "r").replace("@STACK@", "s").replace(".*", "anything"),
    ],
)
def test_what_differs_in_anything_but_its_names_is_not(text: str) -> None:
    assert not is_ours(text, TEMPLATE)


def test_what_is_filled_in_with_names_is() -> None:
    assert is_ours(TEMPLATE.replace("@REGION@", "eu-west-3").replace("@STACK@", "my-stack/1:2"), TEMPLATE)


@given(st.integers(0, 10_000), st.characters().filter(lambda letter: not re.fullmatch(VALUE, letter)))
def test_a_letter_that_stands_in_no_name_makes_it_a_strangers_wherever_it_is(place: int, letter: str) -> None:
    text = boot_script("s")
    at = place % (len(text) + 1)

    assert not ours(text[:at] + letter + text[at:])
