"""The project's own images that a deployed stage runs, as the outputs of its stack say."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalogue.spelling import meant
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable

STACK = "Images"
OUTPUT = re.compile(r"(?P<image>[A-Z]\w*)ImageUri")
"""The output that says where an image lies."""
NEXT_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployed:
    """An image of a stage."""

    name: str
    uri: str

    @property
    def registry(self) -> str:
        """The host that serves it."""
        return self.uri.partition("/")[0]

    @property
    def repository(self) -> str:
        """The repository that it lies in."""
        return self.uri.partition("/")[2].partition(":")[0]

    @property
    def tag(self) -> str:
        """Its tag."""
        return self.uri.rpartition(":")[2]


def name_of(output: str) -> str | None:
    """What people call the image of an output: inference-arm64 for InferenceArm64ImageUri; None for another output."""
    found = OUTPUT.fullmatch(output)
    return NEXT_WORD.sub("-", found["image"]).lower() if found else None


def read(outputs: Mapping[str, str]) -> tuple[Deployed, ...]:
    """The images that the outputs of the stack name."""
    named = ((name_of(key), value) for key, value in outputs.items())
    return tuple(Deployed(name=name, uri=uri) for name, uri in sorted((name, uri) for name, uri in named if name))


def images(target: Target) -> tuple[Deployed, ...]:
    """The images of a stage; raise UserError where it has none."""
    found = read(target.outputs(STACK))
    if not found:
        message = f"the stack mlstack-{target.stage}-{STACK} names no image in {target.account.shown}; deploy it again"
        raise UserError(message)
    return found


def unknown(name: str, known: Iterable[str], where: str) -> UserError:
    """What to say of a name that is none of an image."""
    names = sorted(known)
    otherwise = f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"
    return UserError(f"{where} has no image {printable(name[:80])}; {meant(name, names, otherwise)}")
