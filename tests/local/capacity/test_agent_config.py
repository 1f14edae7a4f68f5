"""What ECS's agent makes of its file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.capacity.agent_config import AgentConfig, read
from mlstack.local.machine.user_data import ours
from tests.local.capacity.yard import boot_script


def test_file_as_the_boot_script_leaves_it_is_understood() -> None:
    _, _, written = boot_script("mlstack-sandbox").partition("<<'CONFIG'\n")

    assert read(written.partition("CONFIG")[0]) == AgentConfig(cluster="mlstack-sandbox", drains=True)


@pytest.mark.parametrize(
    ("text", "cluster"),
    [
        ("", "default"),
        ("ECS_CLUSTER=\n", "default"),
        ("ECS_CLUSTER=one\nECS_CLUSTER=two\n", "two"),
        ("  ECS_CLUSTER = one  \r\n", "one"),
        ("ECS_CLUSTER='one'", "one"),
        ('ECS_CLUSTER="one"', "one"),
        ("ECS_CLUSTER='", "'"),
        ("ECS_CLUSTER=''", "default"),
        ("#ECS_CLUSTER=one\n;ECS_CLUSTER=two", "default"),
        ("export ECS_CLUSTER=one", "default"),
        ("ECS_CLUSTERS=one\n=two\nECS_CLUSTER", "default"),
    ],
)
def test_last_line_that_names_a_cluster_counts(text: str, cluster: str) -> None:
    assert read(text).cluster == cluster


@pytest.mark.parametrize(("said", "reserved"), [("512", 512), ("", 0), ("-1", 0), ("1e3", 0), ("٣", 0)])
def test_reserved_memory_is_a_number_or_nothing(said: str, reserved: int) -> None:
    assert read(f"ECS_RESERVED_MEMORY={said}").reserved_mib == reserved


@pytest.mark.parametrize(("said", "attributes"), [('{"market":"spot"}', {"market": "spot"}), ("[1]", {}), ("{", {})])
def test_attributes_are_an_object_or_nothing(said: str, attributes: dict[str, str]) -> None:
    assert read(f"ECS_INSTANCE_ATTRIBUTES={said}").attributes == attributes


@given(st.text())
def test_whatever_stands_in_the_file_is_read(text: str) -> None:
    assert read(text).cluster


def test_boot_script_is_the_projects_own_with_a_clusters_name_and_nothing_else() -> None:
    assert ours(boot_script("mlstack-sandbox"))
    assert not ours(boot_script("x\nCONFIG\nrm -rf /"))
    assert not ours(boot_script("x") + "rm -rf /\n")
