"""The file that SageMaker shows as the reason why a job failed."""

import re
import traceback
from collections.abc import Mapping
from pathlib import Path

from training.problem import ProblemError

NAMES = ("failure", "message")
"""The second is what SageMaker shows of a processing job."""
LONGEST = 1000
"""SageMaker shows the first 1,024 characters."""
SECRET = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL")


def line(error: BaseException, environment: Mapping[str, str]) -> str:
    """What happened, in one line: a person's mistake by its message, everything else with its kind and place."""
    words = " ".join(str(error).split())
    if isinstance(error, ProblemError):
        return _plain(words, environment)
    if type(error).__name__ == "OutOfMemoryError":
        return "the GPU's memory is too small: use a smaller batch_size or image_size, or a larger instance type"
    if isinstance(error, MemoryError):
        return "the memory is too small: use a smaller batch_size or image_size, or a larger instance type"
    if "more than 1 value per channel" in words:
        return "one picture in a step is too few at this image_size: use a larger batch_size, or a larger image_size"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"{Path(__file__).parent}" in frame.filename] or frames
    place = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return _plain(f"{type(error).__name__}{place}: {words}; the job's log has the rest", environment)


def clear(folder: Path) -> None:
    """Remove what an earlier run in the same folder has left."""
    for name in NAMES:
        (folder / name).unlink(missing_ok=True)


def write(folder: Path, reason: str) -> None:
    """Write it, unless there is one already: the first process to fail knows best."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        try:
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(reason)
        except FileExistsError:
            continue


def _plain(words: str, environment: Mapping[str, str]) -> str:
    """Without what the environment says is secret, and not too long."""
    for name, value in environment.items():
        if SECRET.search(name.upper()) and len(value) > 5:  # noqa: PLR2004  # shorter ones are words
            words = words.replace(value, "***")
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
