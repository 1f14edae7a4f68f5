"""One build's commands: the docker ones are done without Docker, the others are said to be left out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.codebuild.buildspec import BuildspecError, Command, docker_build
from mlstack.local.container.build import build
from mlstack.local.container.dockerfile import DockerfileError
from mlstack.local.container.image import MANIFEST, URI, Image, Images

Client = Callable[[str], Any]
Tell = Callable[[str], None]
HARMLESS = frozenset({"login", "logout", "version", "info", "images", "pull", "inspect"})
"""Docker commands after which nothing is different here."""
IMMUTABLE = (
    "tag invalid: The image tag '{imageTag}' already exists in the '{repositoryName}' repository "
    "and cannot be overwritten because the tag is immutable."
)


class CommandError(Exception):
    """A command that ends with another status than 0."""

    def __init__(self, command: Command, why: str) -> None:
        super().__init__(f"Error while executing command: {command.text}. Reason: exit status 1: {why}")
        self.phase = command.phase


@dataclass(slots=True)
class Workshop:
    """Where a build's commands are done."""

    source: Path
    images: Images
    account: str
    client: Client
    tell: Tell
    pushed: list[str] = field(default_factory=list)
    """The URIs of the images that the build put into ECR."""
    _built: dict[str, Image] = field(default_factory=dict)

    def do(self, command: Command) -> None:
        """Do one command; raise CommandError where it fails."""
        self.tell(f"Running command {command.text}")
        try:
            self._do(command)
        except (BuildspecError, DockerfileError) as error:
            raise CommandError(command, str(error)) from error

    def _do(self, command: Command) -> None:
        words = command.words
        if command.docker == "buildx" and words[2:3] == ("build",):
            words = (words[0], *words[2:])
        verb = words[1] if command.docker else ""
        if verb == "build":
            self._build(words[2:])
        elif verb == "tag" and len(words) == 4:  # noqa: PLR2004 - docker tag NAME NAME
            self._built[_tagged(words[3])] = self._known(words[2])
        elif verb in {"push", "image"} and words[-2] == "push":
            self._push(words[-1])
        elif verb and verb not in HARMLESS:
            message = f"the local AWS does not know docker {verb}"
            raise BuildspecError(message)
        elif not verb:
            self.tell(" ---> not run by the local AWS")

    def _build(self, words: tuple[str, ...]) -> None:
        asked = docker_build(words)
        if Path(asked.folder).is_absolute() or ".." in Path(asked.folder).parts:
            message = f"{asked.folder} is outside the source"
            raise BuildspecError(message)
        folder = self.source / asked.folder
        made = build(folder, asked.file, asked.arguments, self.images, self.tell)
        self.tell(f"Successfully built {made.digest}")
        for name in asked.tags:
            self._built[_tagged(name)] = made
            if asked.push:
                self._push(name)

    def _known(self, name: str) -> Image:
        if _tagged(name) not in self._built:
            message = f"No such image: {name}"
            raise BuildspecError(message)
        return self._built[_tagged(name)]

    def _push(self, name: str) -> None:
        image, named = self._known(name), URI.fullmatch(_tagged(name))
        if named is None or named["account"] != self.account:
            message = f"the local AWS pushes to ECR of its own account alone, not to {name}"
            raise BuildspecError(message)
        wanted = {"repositoryName": named["repository"], "imageTag": named["tag"]}
        ecr = self.client("ecr")
        try:
            [there] = ecr.describe_repositories(repositoryNames=[named["repository"]])["repositories"]
            ecr.put_image(**wanted, imageManifest=image.manifest, imageManifestMediaType=MANIFEST)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code != "ImageAlreadyExistsException":
                raise BuildspecError(str(error.response["Error"]["Message"])) from error
            if str(there["imageTagMutability"]).startswith("IMMUTABLE"):
                raise BuildspecError(IMMUTABLE.format(**wanted)) from error
        self.pushed.append(_tagged(name))
        self.tell(f"{named['tag']}: digest: {image.digest} size: {image.size}")


def _tagged(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
