"""What the server is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MIB = 1024 * 1024
PREFIX = "INFERENCE_"


class SettingsError(Exception):
    """The environment asks for what cannot be; the message names the variable."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The whole numbers that a variable may hold."""

    least: int
    most: int


BOUNDS: Mapping[str, Bounds] = {
    "SAGEMAKER_BIND_TO_PORT": Bounds(0, 65_535),
    "INFERENCE_TOP_K": Bounds(1, 1000),
    "INFERENCE_MAX_BYTES": Bounds(1024, 100 * MIB),
    "INFERENCE_MAX_PIXELS": Bounds(1, 200_000_000),
    "INFERENCE_MAX_IMAGES": Bounds(1, 1000),
    "INFERENCE_MAX_CONCURRENCY": Bounds(1, 1000),
    "INFERENCE_THREADS": Bounds(1, 256),
    "INFERENCE_READ_SECONDS": Bounds(1, 3600),
    "INFERENCE_DRAIN_SECONDS": Bounds(0, 3600),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where the model lies, and what a request may cost."""

    model_folder: Path
    port: int
    """0 lets the system choose one; the log says which."""
    top_k: int
    """How many labels an answer names."""
    max_bytes: int
    """Of a request's body. 6 MiB is what batch transform sends by default, and more than serverless takes (4 MB)."""
    max_pixels: int
    """Of a picture, by its header. 30 million are the 24 million of a telephone and some; 90 MB when decoded."""
    max_images: int
    """In one request."""
    concurrency: int
    """Requests that are read or answered at a time; those beyond are sent away at once."""
    threads: int
    """Requests that are computed at a time."""
    cores: int
    """Threads of one inference: together with the others, as many as there are processors."""
    read_seconds: int
    """How long a body may take to arrive."""
    drain_seconds: int
    """How long running requests are waited for after SIGTERM. SageMaker and ECS kill 30 seconds after it."""

    @classmethod
    def read(cls, environment: Mapping[str, str], *, processors: int) -> Self:
        """Read and check the variables; raise SettingsError."""
        if environment.get("SAGEMAKER_MULTI_MODEL", "").strip().lower() in {"true", "1"}:
            message = "SAGEMAKER_MULTI_MODEL: this server holds one model; make one endpoint or component for each"
            raise SettingsError(message)
        if unknown := sorted(name for name in environment if name.startswith(PREFIX) and name not in BOUNDS):
            known = ", ".join(name for name in BOUNDS if name.startswith(PREFIX))
            message = f"{unknown[0]}: there is no such setting; there are {known}"
            raise SettingsError(message)
        threads = _number(environment, "INFERENCE_THREADS", processors)
        return cls(
            model_folder=Path(environment.get("SM_MODEL_DIR") or "/opt/ml/model"),
            port=_number(environment, "SAGEMAKER_BIND_TO_PORT", 8080),
            top_k=_number(environment, "INFERENCE_TOP_K", 5),
            max_bytes=_number(environment, "INFERENCE_MAX_BYTES", 6 * MIB),
            max_pixels=_number(environment, "INFERENCE_MAX_PIXELS", 30_000_000),
            max_images=_number(environment, "INFERENCE_MAX_IMAGES", 32),
            concurrency=_number(environment, "INFERENCE_MAX_CONCURRENCY", 4 * threads),
            threads=threads,
            cores=max(1, processors // threads),
            read_seconds=_number(environment, "INFERENCE_READ_SECONDS", 20),
            drain_seconds=_number(environment, "INFERENCE_DRAIN_SECONDS", 25),
        )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text, bounds = environment.get(name, "").strip(), BOUNDS[name]
    if not text:
        return default
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 12 else -1  # noqa: PLR2004  # far beyond all
    if not bounds.least <= number <= bounds.most:
        message = f"{name}: a whole number from {bounds.least} to {bounds.most} is needed, not {text!r:.40}"
        raise SettingsError(message)
    return number
