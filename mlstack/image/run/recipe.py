"""How an image is built, fetched and run on one's own machine: Docker's words, as near to ECS as they come."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalogue import images
from mlstack.image.deployed import Deployed, unknown
from mlstack.image.run.docker import Command, Gpu, command
from mlstack.project import ROOT

CONTAINERS = ROOT / "containers"
ARM = "-arm64"
AMD64, ARM64 = "linux/amd64", "linux/arm64"
SERVER, TRAINING = "inference", "training"
TRAIN = "train"
TRAINING_COMMANDS = frozenset({TRAIN, "evaluate", "task"})
"""What the program of the image training can be told to do: python -m training says so, too."""
HARDENED = (
    ("--read-only",),
    ("--user", "10001:10001"),
    ("--tmpfs", "/tmp"),  # noqa: S108 (the container's)
    ("--cap-drop", "ALL"),
    ("--security-opt", "no-new-privileges"),
)
"""What the stage's task definitions say, too."""
MODEL, PORT, TASK = "/model", 8080, "/task"
STOP_S = {SERVER: 30, TRAINING: 120}
"""How long each may take to end, as on ECS."""
OTHER_STOP_S = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An image that Docker has, or gets by ``commands``."""

    name: str
    reference: str
    platform: str | None
    """None for that of this machine."""
    commands: tuple[Command, ...]

    @property
    def kind(self) -> str:
        """The folder of containers/ that it is made from."""
        return self.name.removesuffix(ARM)


def known() -> list[str]:
    """The images that can be built here."""
    folders = sorted(path.parent.name for path in CONTAINERS.glob("*/Dockerfile"))
    return [*folders, *(f"{name}{ARM}" for name in folders if name != TRAINING)]


def built(name: str, *, gpu: bool) -> Image:
    """The image of a folder of containers/; raise UserError for a name of none."""
    if name not in known():
        raise unknown(name, known(), "containers/")
    kind = name.removesuffix(ARM)
    # What training stands on is published for x86_64 alone; the rest for this machine's own processor.
    platform = ARM64 if name.endswith(ARM) else AMD64 if kind == TRAINING else None
    reference = f"mlstack/{name}{'-gpu' if gpu else ''}:local"
    base = (("--build-arg", f"BASE={images.training_base('gpu')}"),) if gpu else ()
    making = command(("build",), *_platform(platform), *base, ("--tag", reference), (str(CONTAINERS / kind),))
    return Image(name=name, reference=reference, platform=platform, commands=(making,))


def pulled(name: str, among: Iterable[Deployed], where: str, region: str, password: str | None) -> Image:
    """The image that a stage runs; raise UserError where it has none of that name.

    Without ``password`` its commands are for a person's own shell.
    """
    there = {one.name: one for one in among}
    if name not in there:
        raise unknown(name, there, where)
    found = there[name]
    platform = ARM64 if name.endswith(ARM) else AMD64
    login = Command(
        parts=(("docker", "login", "--username", "AWS", "--password-stdin", found.registry),),
        fed_by=("aws", "ecr", "get-login-password", "--region", region),
        fed=password,
    )
    pull = command(("pull",), *_platform(platform), (found.uri,))
    return Image(name=name, reference=found.uri, platform=platform, commands=(login, pull))


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """How a person wants an image run."""

    container: str
    """What the container is called."""
    gpu: Gpu | None = None
    environment: tuple[str, ...] = ()
    """NAME=VALUE, or NAME for the value that this shell has, which then stands on no command line."""
    arguments: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """The hyperparameters of a training."""


def served(image: Image, wish: Wish, *, model: Path, port: int) -> Command:
    """Run the server with a model folder, for this machine alone."""
    return _run(
        image,
        wish,
        ("--rm",),
        ("--publish", f"127.0.0.1:{port}:{PORT}"),
        ("--mount", mount(model, MODEL)),
        ("--env", f"SM_MODEL_DIR={MODEL}"),
        ("--env", f"SAGEMAKER_BIND_TO_PORT={PORT}"),
        arguments=wish.arguments,
    )


def order(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """What the program of the image training is told: to train, unless its arguments begin with another command."""
    return arguments if arguments and arguments[0] in TRAINING_COMMANDS else (TRAIN, *arguments)


def trained(image: Image, wish: Wish, *, channels: Mapping[str, Path]) -> Command:
    """Run the training on the folders of its channels; its files stay in the container's own volume."""
    told = (("--env", f"SM_HPS={json.dumps(dict(wish.settings))}"),) if wish.settings else ()
    data = [("--mount", mount(folder, f"{TASK}/input/data/{name}")) for name, folder in channels.items()]
    return _run(
        image,
        wish,
        ("--volume", TASK),
        *data,
        *(("--env", f"{name}={TASK}") for name in ("SAGEMAKER_BASE_DIR", "HOME", "TMPDIR")),
        *told,
        arguments=order(wish.arguments),
    )


def others(image: Image, wish: Wish) -> Command:
    """Run what needs no folder and opens no port."""
    return _run(image, wish, ("--rm",), arguments=wish.arguments)


def fetched(container: str, to: Path, *, well: bool) -> list[Command]:
    """Take what a training wrote out of its container, as the person's own files."""
    parts = ("model", "output") if well else ("output",)
    return [command(("cp", f"{container}:{TASK}/{part}", str(to))) for part in parts]


def removed(container: str) -> Command:
    """Delete a container with its volume."""
    return command(("rm", "--force", "--volumes", container))


def mount(source: Path, target: str) -> str:
    """A folder of this machine in a container, to be read only; whatever its name holds."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["type=bind", f"source={source}", f"target={target}", "readonly"])
    return line.getvalue()


def _run(image: Image, wish: Wish, *more: tuple[str, ...], arguments: Sequence[str]) -> Command:
    stop = STOP_S.get(image.kind, OTHER_STOP_S)
    made = command(
        ("run", "--name", wish.container),
        ("--pull", "never"),
        *_platform(image.platform),
        *HARDENED,
        ("--stop-timeout", str(stop)),
        *((wish.gpu.options,) if wish.gpu else ()),
        *more,
        *(("--env", one) for one in wish.environment),
        (image.reference, *arguments),
    )
    return Command(parts=made.parts, container=wish.container)


def _platform(platform: str | None) -> tuple[tuple[str, str], ...]:
    return (("--platform", platform),) if platform else ()
