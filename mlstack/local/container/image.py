"""Images: folders named by the digest of their content, and ECR's manifests that lead to them."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[^/]+/(?P<repository>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)

Client = Callable[[str], Any]
"""Gives a client of a service of the local AWS."""


class ImageMissingError(Exception):
    """An image of this account that is not in ECR."""


@dataclass(frozen=True, slots=True)
class Image:
    """A built image."""

    digest: str
    root: Path
    entrypoint: tuple[str, ...]
    environment: dict[str, str]
    workdir: str
    size: int

    @property
    def manifest(self) -> str:
        """What ECR keeps of it."""
        config = {"mediaType": CONFIG, "size": self.size, "digest": self.digest}
        layers = [{"mediaType": LAYER, "size": self.size, "digest": self.digest}]
        return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})


class Images:
    """Every image that was built; the same content is one image."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def keep(self, root: Path, entrypoint: Sequence[str], environment: Mapping[str, str], workdir: str) -> Image:
        """Keep a finished file tree."""
        said = {"entrypoint": list(entrypoint), "environment": dict(environment), "workdir": workdir}
        digest, size = _digest(root, said)
        target = self.folder / digest
        if not (target / "image.json").is_file():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(root, target / "root")
            (target / "image.json").write_text(json.dumps({**said, "size": size}))
        return self._read(digest)

    def find(self, uri: str, account: str, client: Client) -> Image | None:
        """The image of a URI; nothing for what was not built here; ImageMissingError where ECR has none."""
        named = URI.fullmatch(uri)
        if named is None or named["account"] != account:
            return None
        wanted = {"imageDigest": named["digest"]} if named["digest"] else {"imageTag": named["tag"] or "latest"}
        try:
            found = client("ecr").batch_get_image(repositoryName=named["repository"], imageIds=[wanted])["images"]
        except ClientError as error:
            raise ImageMissingError(uri) from error
        if not found:
            raise ImageMissingError(uri)
        digest = str(json.loads(found[0]["imageManifest"]).get("config", {}).get("digest", "")).rpartition(":")[2]
        known = re.fullmatch("[0-9a-f]{64}", digest) and (self.folder / digest / "image.json").is_file()
        return self._read(digest) if known else None

    def _read(self, digest: str) -> Image:
        said = json.loads((self.folder / digest / "image.json").read_text())
        return Image(
            digest=f"sha256:{digest}",
            root=self.folder / digest / "root",
            entrypoint=tuple(said["entrypoint"]),
            environment=said["environment"],
            workdir=said["workdir"],
            size=said["size"],
        )


def _digest(root: Path, said: object) -> tuple[str, int]:
    seen, size = hashlib.sha256(json.dumps(said, sort_keys=True).encode()), 0
    for path in sorted(root.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            seen.update(f"{path.relative_to(root)}\0{len(data)}\0".encode() + data)
            size += len(data)
    return seen.hexdigest(), size
