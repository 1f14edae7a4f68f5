"""One synthesis of each profile per session, ready for assertions."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from mlstack.assembly import Assembly, Stack
from stacks import config
from stacks.platform import Platform

ROOT = Path(__file__).resolve().parents[2]
FLAGS = json.loads((ROOT / "cdk.json").read_text())["context"]
Overrides = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Synthesized:
    """One profile's cloud assembly."""

    folder: Path

    @cached_property
    def assembly(self) -> Assembly:
        """The assembly as the command line reads it."""
        return Assembly.read(self.folder)

    @cached_property
    def stacks(self) -> dict[str, Stack]:
        """The stacks by their short name, such as Vision."""
        return {stack.name.rpartition("-")[2]: stack for stack in self.assembly.stacks}

    @cache  # noqa: B019  # lives as long as the session
    def template(self, name: str) -> Template:
        """One stack's template, ready for assertions."""
        return Template.from_json(self.stacks[name].template)


Synthesize = Callable[..., Synthesized]


def document(profile: str, overrides: Overrides) -> dict[str, Any]:
    """A profile of config/ with some keys changed."""
    base = tomllib.loads((ROOT / "config" / f"{profile}.toml").read_text())
    return base | {table: base.get(table, {}) | dict(keys) for table, keys in overrides.items()}


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Synthesizes a profile with overrides, once per session for equal ones."""
    done: dict[str, Synthesized] = {}

    def synthesized(profile: str = "sandbox", overrides: Overrides | None = None) -> Synthesized:
        wanted = document(profile, overrides or {})
        key = json.dumps(wanted, sort_keys=True, default=str)
        if key not in done:
            folder = tmp_path_factory.mktemp(profile)
            app = cdk.App(context=FLAGS, outdir=str(folder))
            Platform(app, config.parse(wanted, source=profile))
            app.synth()
            done[key] = Synthesized(folder)
        return done[key]

    return synthesized


@pytest.fixture(scope="session")
def sandbox(synthesize: Synthesize) -> Synthesized:
    """The default profile: ephemeral."""
    return synthesize("sandbox")


@pytest.fixture(scope="session")
def team(synthesize: Synthesize) -> Synthesized:
    """The shipped profile with a notebook."""
    return synthesize("team")


@pytest.fixture(scope="session")
def production(synthesize: Synthesize) -> Synthesized:
    """The largest shipped profile: durable."""
    return synthesize("production")
