"""CUDA's forward compatibility: its own libcuda for a driver that is older than the image's CUDA.

The base image's entry point is to look after this (start_cuda_compat.sh in aws/deep-learning-containers), and this
image's own takes its place. https://docs.nvidia.com/deploy/cuda-compatibility says when the library may be used: with
a driver that is older than it, never with a newer one.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from training import devices

LIBRARIES = Path("/usr/local/cuda/compat")
LIBRARY = "libcuda.so.1"
VARIABLE = "LD_LIBRARY_PATH"
Version = tuple[int, ...]


def begin_again(environment: Mapping[str, str], libraries: Path = LIBRARIES, driver: Path = devices.DRIVER) -> None:
    """Run this process's program anew, as the same process, where its libraries have to be others."""
    if told := needed(environment, libraries, driver):
        # The loader reads the variable only once, when a program begins.
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**environment, VARIABLE: told})  # noqa: S606  # itself


def needed(environment: Mapping[str, str], libraries: Path, driver: Path) -> str:
    """LD_LIBRARY_PATH with the compatible libraries in it; empty where it is good as it is."""
    before = environment.get(VARIABLE, "")
    has, given = _version(devices.driver(driver)), _version(_target(libraries / LIBRARY))
    if str(libraries) in before.split(":") or not has or not given or has >= given:
        return ""
    return f"{libraries}:{before}" if before else str(libraries)


def _target(link: Path) -> str:
    """The version in the name of what libcuda.so.1 is a link to: libcuda.so.580.95.05."""
    return link.readlink().name.removeprefix("libcuda.so.") if link.is_symlink() else ""


def _version(text: str) -> Version:
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdecimal() for part in parts) else ()
