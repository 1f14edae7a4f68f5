"""How a container of a task is started here: its image, its Python, its words, its variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import copytree
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.container.image import Image, ImageMissingError
from mlstack.local.container.interpreter import NoPythonError, python_of
from mlstack.local.container.process import PYTHON, Launch
from mlstack.local.ecs.failure import CannotStartError
from mlstack.local.ecs.hall import Hall
from mlstack.local.ecs.mount import Mounts, value
from mlstack.local.environment import aws
from mlstack.local.report import NOT_RUNNABLE

Json = dict[str, Any]
NO_IMAGE = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
    "{image}: not found"
)
ONLY_BUILT = "CannotPullContainerError: {told}{image}; the local AWS runs only images that its own CodeBuild has built"
ONLY_PYTHON = "CannotStartContainerError: {told}{program}; the local AWS can run nothing but python"
UNREADABLE = (
    "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret {name}: {why}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the containers of one task share."""

    folder: Path
    volumes: Mapping[str, Path]
    ports: Mapping[int, int]
    """What each declared port is here."""
    fargate: bool


def launched(hall: Hall, container: Json, override: Json, around: Surroundings) -> Launch:
    """How to start a container; CannotStartError where AWS would not, or the local AWS cannot."""
    image = _image(hall, container["image"])
    mounts = Mounts.of(container, around.volumes)
    _fill(image, mounts)
    environment = {
        **{one["name"]: one["value"] for one in container.get("environment") or ()},
        **{one["name"]: _secret(hall, one) for one in container.get("secrets") or ()},
        **{one["name"]: one["value"] for one in override.get("environment") or ()},
    }
    made = Launch(
        image=image,
        entrypoint=tuple(mounts.word(word) for word in container.get("entryPoint") or ()),
        arguments=tuple(mounts.word(word) for word in override.get("command") or container.get("command") or ()),
        environment={
            **aws(hall.place),
            **({"CUDA_VISIBLE_DEVICES": ""} if _has_gpus(container) else {}),  # here it runs on the processor
            "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE" if around.fargate else "AWS_ECS_EC2",
            **{name: value(said, mounts, around.ports) for name, said in environment.items()},
        },
        python=_python(image),
        folder=around.folder / container["name"],
    )
    if PYTHON.fullmatch(PurePosixPath(made.words[0]).name) is None:
        raise CannotStartError(ONLY_PYTHON.format(told=NOT_RUNNABLE, program=made.words[0]))
    return made


def _has_gpus(container: Json) -> bool:
    return any(one["type"] == "GPU" for one in container.get("resourceRequirements") or ())


def _image(hall: Hall, uri: str) -> Image:
    try:
        image = hall.images.find(uri, hall.place.account, hall.client)
    except ImageMissingError as error:
        raise CannotStartError(NO_IMAGE.format(image=uri)) from error
    if image is None:
        raise CannotStartError(ONLY_BUILT.format(told=NOT_RUNNABLE, image=uri))
    return image


def _python(image: Image) -> str:
    try:
        return python_of(image)
    except NoPythonError as error:
        message = f"CannotPullContainerError: {NOT_RUNNABLE}{error}"
        raise CannotStartError(message) from error


def _fill(image: Image, mounts: Mounts) -> None:
    """Put what the image has at a volume's path into the volume, as Docker does with one that is empty."""
    for point, folder in mounts.folders.items():
        there = image.root / point.relative_to("/")
        if there.is_dir() and not any(folder.iterdir()):
            copytree(there, folder, dirs_exist_ok=True)


def _secret(hall: Hall, said: Json) -> str:
    """A value of Systems Manager or Secrets Manager."""
    name = str(said["valueFrom"])
    try:
        if ":secretsmanager:" in name:
            return str(hall.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
        plain = name.partition(":parameter")[2] or name
        return str(hall.client("ssm").get_parameter(Name=plain, WithDecryption=True)["Parameter"]["Value"])
    except (ClientError, KeyError) as error:
        raise CannotStartError(UNREADABLE.format(name=name, why=error)) from error
