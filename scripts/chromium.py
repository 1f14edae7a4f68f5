"""Find Chromium for the gallery's tests, or install it where that is ours to do: as root, by apt.

`python3 scripts/chromium.py` says in one line what it found or did, and ends with 2 where there is none. The tests that
need it are skipped without it, unless the environment says MLSTACK_CHROMIUM=required, as .ci/run does.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
APT = (
    "apt-get",
    "-q",
    "-y",
    "-o",
    "Acquire::Retries=3",
    "-o",
    "Acquire::http::Timeout=30",
    "-o",
    "DPkg::Lock::Timeout=120",
)
STEPS = (("update",), ("install", "--no-install-recommends", "chromium"))
PATIENCE_S = 600
BY_HAND = "install it by hand, such as with `sudo apt-get install chromium`, or put it on the PATH"


def found() -> str | None:
    """The first Chromium on the PATH that starts; Ubuntu has a package of that name with nothing in it."""
    return next((path for name in NAMES if (path := shutil.which(name)) and version(path)), None)


def version(path: str) -> str:
    """What it says of itself; nothing where it does not start."""
    try:
        outcome = subprocess.run((path, "--version"), capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if outcome.returncode else outcome.stdout.strip()


def install() -> str | None:
    """Install Debian's; return why that did not work, or None."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return "this is not root on a Debian"
    for step in STEPS:
        try:
            outcome = subprocess.run(
                (*APT, *step),
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"apt-get {step[0]} took more than {PATIENCE_S} s"
        if outcome.returncode:
            said = outcome.stdout.strip().splitlines() or ["nothing"]
            return f"apt-get {step[0]} said: {said[-1]}"
    return None


def main() -> None:
    """Find or install it, and say so."""
    there = found()
    reason = None if there else install()
    path = there or found()
    if not path:
        sys.stderr.write(f"chromium: there is none, and {reason or 'the one installed does not start'}; {BY_HAND}\n")
        raise SystemExit(2)
    sys.stderr.write(f"chromium: {'found' if there else 'installed'} {path}, {version(path)}\n")


if __name__ == "__main__":
    main()
