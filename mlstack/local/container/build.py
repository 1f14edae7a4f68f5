"""Follows a Dockerfile without Docker: copies what it copies, remembers what it sets, runs none of its RUN lines."""

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlstack.local.container import dockerfile
from mlstack.local.container.context import Context
from mlstack.local.container.dockerfile import DockerfileError, Instruction, filled
from mlstack.local.container.image import Image, Images
from mlstack.local.container.process import PYTHON

NO_STAGE = "{}: there is no FROM before it"
SHELL_FORM = "{}: write it as a JSON list; in the shell form SIGTERM never reaches the program"
NO_ENTRYPOINT = "the Dockerfile has no ENTRYPOINT, so SageMaker would look for a program named serve"
NOT_PYTHON = "ENTRYPOINT runs {program}; the local AWS can run nothing but python"

Tell = Callable[[str], None]


@dataclass(slots=True)
class Stage:
    """What one FROM begins."""

    root: Path
    name: str = ""
    workdir: PurePosixPath = field(default_factory=lambda: PurePosixPath("/"))
    environment: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] | None = None

    @property
    def values(self) -> Mapping[str, str]:
        """What variables stand for; ENV goes before ARG."""
        return {**self.arguments, **self.environment}

    def place(self, path: str) -> Path:
        """Where a path of the image lies on this machine."""
        whole = self.workdir / path
        if ".." in whole.parts:
            message = f"{path}: a path that leaves its folder"
            raise DockerfileError(message)
        return self.root / str(whole).lstrip("/")


class Build:
    """One run through a Dockerfile."""

    def __init__(self, source: Path, folder: Path, arguments: Mapping[str, str], tell: Tell) -> None:
        self._context = Context.of(source)
        self._folder = folder
        self._given = arguments
        self._global: dict[str, str] = {}
        self._stages: list[Stage] = []
        self._tell = tell
        self._follow: dict[str, Callable[[Stage, Instruction], None]] = {
            "ADD": self._copy,
            "ARG": self._argument,
            "COPY": self._copy,
            "ENTRYPOINT": self._entrypoint,
            "ENV": self._environment,
            "WORKDIR": self._workdir,
        }

    def run(self, text: str) -> Stage:
        """Follow every instruction; give the last stage."""
        for instruction in dockerfile.instructions(text):
            self._tell(f"Step {instruction}")
            if instruction.name == "FROM":
                self._from(instruction)
            elif instruction.name == "ARG" and not self._stages:
                self._global |= {
                    name: self._given.get(name, value) for name, value in dockerfile.pairs(instruction).items()
                }
            elif not self._stages:
                raise DockerfileError(NO_STAGE.format(instruction))
            elif instruction.name in self._follow:
                self._follow[instruction.name](self._stages[-1], instruction)
            elif instruction.name == "RUN":
                self._tell(" ---> not run by the local AWS")
        if not self._stages:
            message = "the Dockerfile has no FROM"
            raise DockerfileError(message)
        return self._stages[-1]

    def _from(self, instruction: Instruction) -> None:
        said = filled(instruction.text, self._global).split()
        base = next((word for word in said if not word.startswith("--")), "")
        name = said[-1].lower() if len(said) > 2 and said[-2].upper() == "AS" else ""  # noqa: PLR2004 - base AS name
        stage = Stage(self._folder / str(len(self._stages)), name)
        stage.root.mkdir(parents=True)
        before = self._stage(base)
        if before is not None:
            Context(before.root).copy(".", stage.root, into=False)
            stage.workdir, stage.entrypoint = before.workdir, before.entrypoint
            stage.environment = dict(before.environment)
        self._stages.append(stage)

    def _stage(self, name: str) -> Stage | None:
        numbered = self._stages[int(name)] if name.isdecimal() and int(name) < len(self._stages) else None
        return numbered or next((stage for stage in self._stages if stage.name and stage.name == name.lower()), None)

    def _argument(self, stage: Stage, instruction: Instruction) -> None:
        for name, value in dockerfile.pairs(instruction).items():
            default = filled(value, stage.values) or self._global.get(name, "")
            stage.arguments[name] = self._given.get(name, default)

    @staticmethod
    def _environment(stage: Stage, instruction: Instruction) -> None:
        values = stage.values
        stage.environment |= {name: filled(value, values) for name, value in dockerfile.pairs(instruction).items()}

    @staticmethod
    def _workdir(stage: Stage, instruction: Instruction) -> None:
        stage.workdir /= filled(instruction.text, stage.values)

    @staticmethod
    def _entrypoint(stage: Stage, instruction: Instruction) -> None:
        stage.entrypoint = dockerfile.json_list(instruction.text)
        if not stage.entrypoint:
            raise DockerfileError(SHELL_FORM.format(instruction))

    def _copy(self, stage: Stage, instruction: Instruction) -> None:
        said = [
            filled(word, stage.values)
            for word in dockerfile.words(
                Instruction(instruction.line, instruction.name, _without_flags(instruction.text))
            )
        ]
        if len(said) < 2:  # noqa: PLR2004 - a source and a target
            message = f"{instruction}: it needs a source and a target"
            raise DockerfileError(message)
        *sources, target = said
        origin = re.search(r"--from=(\S+)", instruction.text)
        context = self._context
        if origin is not None:
            earlier = self._stage(origin[1])
            if earlier is None or not all((earlier.root / source.lstrip("/")).exists() for source in sources):
                self._tell(" ---> not there: a RUN line, or another image, would have made it")
                return
            context = Context(earlier.root)
        into = target.endswith("/") or target in {".", "./"} or len(sources) > 1
        for source in sources:
            if source.startswith(("http://", "https://", "<<")):
                self._tell(" ---> not fetched by the local AWS")
            else:
                context.copy(source, stage.place(target), into=into)


def _without_flags(text: str) -> str:
    return re.sub(r"^(?:--\S+\s+)+", "", text)


def build(source: Path, file: str, arguments: Mapping[str, str], images: Images, tell: Tell) -> Image:
    """Build the source's Dockerfile into the store; raise DockerfileError where that cannot become a container."""
    path = source / file
    if not path.is_file():
        message = f"failed to read dockerfile: open {file}: no such file or directory"
        raise DockerfileError(message)
    with tempfile.TemporaryDirectory(dir=images.folder) as scratch:
        stage = Build(source, Path(scratch), arguments, tell).run(path.read_text(encoding="utf-8"))
        if stage.entrypoint is None:
            raise DockerfileError(NO_ENTRYPOINT)
        if PYTHON.fullmatch(PurePosixPath(stage.entrypoint[0]).name) is None:
            raise DockerfileError(NOT_PYTHON.format(program=stage.entrypoint[0]))
        return images.keep(stage.root, stage.entrypoint, stage.environment, str(stage.workdir))
