"""What speaks against an update, for every pair of what is deployed and what is asked for."""

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.functions.workstation_edition.conftest import MACHINE, SPOT, machine
from workstation_edition.objection import objection, unfit

DECIDED = ("System", "Flavour", "Processor", "Market", "Type")
EDITIONS = st.integers(1, 9999).map(str)


@st.composite
def machines(draw: st.DrawFn, /, **fixed: object) -> dict[str, object]:
    """What mlstack may ask for."""
    market = draw(st.sampled_from(["on-demand", "spot", "one-time"]))
    return {
        **MACHINE,
        "Edition": draw(EDITIONS),
        "System": draw(st.sampled_from(["ubuntu-22.04", "ubuntu-24.04", "amazon-linux-2023"])),
        "Flavour": draw(st.sampled_from(["base", "pytorch", "tensorflow"])),
        "Processor": draw(st.sampled_from(["x86_64", "arm64"])),
        "Market": market,
        "Type": "" if market == "on-demand" else draw(st.sampled_from(["g5.xlarge", "g5g.xlarge", "p5.48xlarge"])),
        **fixed,
    }


ANYTHING = st.dictionaries(
    st.sampled_from([*MACHINE, "Other"]),
    st.one_of(st.none(), st.text(max_size=6), st.sampled_from([*MACHINE.values(), "1", "3"]), st.just(["x"])),
)


@given(machines())
def test_what_mlstack_asks_for_is_fit_and_is_no_objection_to_itself(one: dict[str, object]) -> None:
    assert unfit(one) == []
    assert objection(one, one) is None


@given(machines(), machines())
@example(machine(Edition="9"), machine(Edition="10"))
def test_only_a_higher_edition_or_the_same_machine_passes(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = objection(old, new)

    same = all(old[name] == new[name] for name in DECIDED)
    deployed, wanted = int(old["Edition"]), int(new["Edition"])
    assert (found is None) == (wanted > deployed or (wanted == deployed and same))
    assert found is None or found.ends_the_machine == (wanted < deployed)


@given(machines(Edition="2"), machines(Edition="2"))
def test_every_key_that_says_something_else_is_named_and_no_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = objection(old, new)
    assume(found is not None)
    assert found

    named = found.text.split(" of [")[0].replace(" and ", ", ").split(", ")
    on_demand = "on-demand" in {old["Market"], new["Market"]}
    type_changed = old["Processor"] != new["Processor"] or (not on_demand and old["Type"] != new["Type"])
    assert len(named) == len(set(named))
    assert ("os" in named) == (old["System"] != new["System"])
    assert ("flavour" in named) == (old["Flavour"] != new["Flavour"])
    assert ("instance_type" in named) == type_changed
    assert ("market" in named) == (old["Market"] != new["Market"] and on_demand)
    assert ("on_idle" in named) == (old["Market"] != new["Market"] and not on_demand)


@given(ANYTHING, ANYTHING)
def test_no_property_is_ever_an_error(old: dict[str, object], new: dict[str, object]) -> None:
    found = objection(old, new)

    assert unfit(new) == [] or found is not None


@given(machines(Edition="2"), machines(Edition="2"), st.sets(st.sampled_from(DECIDED)))
def test_what_was_not_said_before_is_not_compared(
    old: dict[str, object], new: dict[str, object], unsaid: set[str]
) -> None:
    before = {name: value for name, value in old.items() if name not in unsaid}

    found = objection(before, new)

    same = all(before[name] == new[name] for name in DECIDED if name in before)
    assert (found is None) == same


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({}, {"System": "any"}, "os of [workstations.gpu] is decided"),
        ({}, {"Flavour": "base"}, "flavour of"),
        ({}, {"Processor": "arm64"}, "instance_type of"),
        ({}, SPOT, "market of"),
        (SPOT, {}, "market of"),
        ({}, {**SPOT, "Market": "one-time"}, "market of"),
        (SPOT, {**SPOT, "Market": "one-time"}, "on_idle of"),
        (SPOT, {**SPOT, "Type": "g6.xlarge"}, "instance_type of"),
        (SPOT, {**SPOT, "Type": "g5g.xlarge", "Processor": "arm64"}, "instance_type of"),
        (SPOT, {"Market": "one-time", "Type": "g6.xlarge"}, "instance_type and on_idle of"),
        (
            {},
            {"System": "any", "Flavour": "base", "Processor": "arm64", **SPOT},
            "os, flavour, instance_type and market",
        ),
    ],
)
def test_the_profile_s_own_keys_are_told(old: dict[str, str], new: dict[str, str], words: str) -> None:
    found = objection(machine(**old), machine(**new))

    assert found
    assert found.text.startswith(words)
    are, them = ("are", "them") if " and " in words else ("is", "it")
    assert found.text.endswith(
        f"{are} decided when its machine is made: say edition = 3 to make it anew, with an empty disk, or change "
        f"{them} back"
    )


def test_lower_edition_is_told_though_something_else_is_missing() -> None:
    found = objection(MACHINE, {"Edition": "1", "Workstation": "gpu"})

    assert found
    assert found.ends_the_machine
