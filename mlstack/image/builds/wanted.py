"""The images that the last synth describes, as the template of their stack says it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstack.assembly import Assembly, Stack
from mlstack.errors import UserError
from mlstack.image.deployed import STACK, name_of
from mlstack.project import ROOT, WORK
from mlstack.target import Target

Json = Mapping[str, Any]
ASSEMBLY = ROOT / "cdk.out"
DEPLOYED = WORK / "cdk.out"
"""What a deploy to the local AWS writes."""
MANIFEST = "manifest.json"
SYNTH = "npx cdk synth --quiet -c profile=PROFILE"
IMAGE, PROJECT = "Custom::ContainerImage", "AWS::CodeBuild::Project"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """One image, with everything that CloudFormation fills in still open."""

    name: str
    image: Json
    """The properties of the resource that has it built."""
    project: Json
    """The properties of the project that builds it."""

    @property
    def tag(self) -> str:
        """What its content decides."""
        return str(self.image.get("Tag", ""))

    @property
    def needs(self) -> tuple[str, ...]:
        """The names in the template of what must be deployed before it can be built."""
        asked = (self.image.get("ProjectName"), self.image.get("RepositoryName"))
        return tuple(one["Ref"] for one in asked if isinstance(one, dict) and "Ref" in one)


def assembly_of(target: Target) -> Path:
    """The cloud assembly that is meant where none is named: the newest one that has the stage.

    A synth after the last deploy holds what was changed since, and one of another stage does not count.

    Raises:
        UserError: where there is none.
    """
    places = (DEPLOYED, ASSEMBLY) if target.account.is_local else (ASSEMBLY,)
    there = [place for place in places if (place / MANIFEST).is_file()]
    if not there and target.account.is_local:
        message = (
            f"neither {DEPLOYED} nor {ASSEMBLY} holds a cloud assembly; `mlstack local deploy --profile PROFILE` "
            f"writes the first, `{SYNTH}` the second"
        )
        raise UserError(message)
    there.sort(key=lambda place: (place / MANIFEST).stat().st_mtime_ns, reverse=True)
    wanted = f"mlstack-{target.stage}-{STACK}"
    having = (place for place in there if wanted in {stack.name for stack in Assembly.read(place).stacks})
    return next(having, None) or next(iter(there), ASSEMBLY)


def stack_of(folder: Path, target: Target) -> Stack:
    """The stack of a stage's images in a cloud assembly; raise UserError where there is none."""
    if not (folder / MANIFEST).is_file():
        message = f"{folder} holds no cloud assembly; write it with `{SYNTH}` first"
        raise UserError(message)
    stacks = {stack.name: stack for stack in Assembly.read(folder).stacks}
    name = f"mlstack-{target.stage}-{STACK}"
    if name in stacks:
        return stacks[name]
    found = {match[1] for one in stacks if (match := re.fullmatch(r"mlstack-(.+)-\w+", one))}
    again = f"synthesize again with `{SYNTH}`"
    if target.stage in found:
        message = f"{folder} has no stack {name}: nothing in the stage's profile needs an image; add it, and {again}"
        raise UserError(message)
    stage = ", ".join(sorted(found)) or "no stage of ours"
    message = f"{folder} was synthesized for {stage}, not for {target.stage}; say --stage, or {again}"
    raise UserError(message)


def images_of(stack: Stack) -> tuple[Wanted, ...]:
    """The images that a stack has built, in the order of their names."""
    return tuple(sorted(_images(stack), key=lambda one: one.name))


def _images(stack: Stack) -> Iterator[Wanted]:
    images, projects = stack.of_type(IMAGE), stack.of_type(PROJECT)
    for key, output in stack.template.get("Outputs", {}).items():
        name, value = name_of(key), output.get("Value")
        asked = value.get("Fn::GetAtt") if isinstance(value, dict) else None
        if not name or not asked or asked[0] not in images:
            continue
        image = images[asked[0]]["Properties"]
        project = image.get("ProjectName")
        maker = project.get("Ref") if isinstance(project, dict) else None
        if maker not in projects:
            message = f"{stack.template_path} does not say which project builds {name}; run `make synth` again"
            raise UserError(message)
        yield Wanted(name=name, image=image, project=projects[maker]["Properties"])
