"""The real CDK CLI, run in the isolated environment, its words passed on line by line and kept in a log."""

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from mlstack.errors import UserError
from mlstack.local.child import ended_with_us
from mlstack.local.environment import Place, isolated
from mlstack.project import BIN, CDK, NODE, ROOT

Tell = Callable[[str], None]
"""Called with each line that the CLI writes."""

QUIET = {
    # `make check` validates; here it would cost five seconds a synthesis.
    "CDK_VALIDATION": "false",
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "CDK_DISABLE_VERSION_CHECK": "1",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    "NO_COLOR": "1",
    "FORCE_COLOR": "0",
}
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TELLING = (re.compile("❌"), re.compile(r"\b\w*Error: |_FAILED\b"), re.compile(r"\S"))
"""What a complaint looks like, the most telling first."""

REFUSED = re.compile(r"^ERROR (?P<why>.+)")
"""What a rule of ours says of a synthesis."""

FAILED = re.compile(
    r"^(?P<stack>\S+) \|.*\| (?:CREATE|UPDATE|DELETE)_FAILED +\| (?P<type>\S+) +\| (?P<name>.+?) \(\w+\) (?P<why>.+)$"
)
"""What CloudFormation tells of a resource, as the CLI prints it."""

CANCELLED = re.compile(r"\(\w+\) Resource \w+ cancelled")
"""What CloudFormation tells of those that only stopped because another one failed."""

CALLED = re.compile(r"An error occurred \(\w+\) when calling the \w+ operation(?: \([^)]*\))?: ")
BUSY = re.compile(r"Other CLIs \(PID=(?P<process>\d+)")
LONGEST = 500
"""How much of a reason stands in one line."""

MISUSED = ".venv/bin/python app.py: Subprocess exited with error 2"
"""What the CLI says last when our app ended with 2: the lines before are the app's own, about the profile."""

NOISE = re.compile(r"^\s*(at |File \"|Traceback|\^|NOTICES|'?\$\w+'?: |[}\]{]|Failed resources:|$)")


def silent(_line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cdk:
    """The CLI for one project and one local AWS."""

    place: Place
    folder: Path
    """Where the assembly, the log and the CLI's home are."""
    project: Path = ROOT
    """The folder with cdk.json."""

    @property
    def assembly(self) -> Path:
        """The cloud assembly that is deployed and destroyed."""
        return self.folder / "cdk.out"

    @property
    def log(self) -> Path:
        """Everything that the CLI ever said."""
        return self.folder / "cdk.log"

    def synth(self, context: Iterable[str], tell: Tell = silent) -> None:
        """Write the assembly; ``context`` holds `name=value`."""
        chosen = [part for pair in context for part in ("--context", pair)]
        self.run(["synth", "--quiet", "--output", str(self.assembly), *chosen], tell)

    def bootstrap(self, environments: Iterable[str], tell: Tell = silent) -> None:
        """Make what the CLI itself needs in each environment, written `aws://ACCOUNT/REGION`.

        The assembly is named because the CLI synthesizes the app otherwise, and throws the result away.
        """
        self.run(["bootstrap", *environments, *self._made()], tell)

    def deploy(self, tell: Tell = silent) -> None:
        """Deploy every stack of the assembly."""
        self.run(["deploy", "--all", "--require-approval", "never", "--progress", "events", *self._made()], tell)

    def destroy(self, tell: Tell = silent) -> None:
        """Destroy every stack of the assembly."""
        self.run(["destroy", "--all", "--force", *self._made()], tell)

    def run(self, arguments: Sequence[str], tell: Tell = silent) -> None:
        """Run the CLI; raise UserError with what it said last where it fails."""
        if not CDK.exists():
            message = f"the CDK CLI is not installed ({CDK.relative_to(ROOT)}); run `make setup`"
            raise UserError(message)
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
        environment = {**isolated(os.environ, self.place, home), **QUIET, "JSII_NODE": str(NODE), "PATH": path}
        lines: list[str] = []
        with (
            self.log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                [str(NODE), str(CDK.resolve()), *arguments, "--no-notices", "--no-color"],
                cwd=self.project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            ) as process,
            ended_with_us(process),
        ):
            log.write(f"\n$ cdk {' '.join(arguments)}\n")
            for raw in process.stdout or ():
                line = COLOUR.sub("", raw).rstrip()
                log.write(line + "\n")
                log.flush()
                if line:
                    lines.append(line)
                    tell(line)
        if MISUSED in lines[-1:]:
            raise UserError("\n".join(lines[:-1]))
        if process.returncode != 0:
            message = f"cdk {arguments[0]} failed: {cause(lines).rstrip('.')}; everything it said is in {self.log}"
            raise UserError(message)

    def _made(self) -> list[str]:
        return ["--app", str(self.assembly)]


def cause(lines: Sequence[str]) -> str:
    """The line that says why the CLI failed: its first reason, else its last complaint, else its last line."""
    said = [line.strip() for line in lines if not NOISE.match(line)]
    return shorten(_reason(said) or _complaint(said), LONGEST, placeholder=" ...")


def _reason(said: Sequence[str]) -> str:
    """The first refusal of a rule, or the first resource that failed and its reason."""
    for line in said:
        if busy := BUSY.search(line):
            return f"another CDK CLI (process {busy['process']}) works in this folder; wait for its end, or end it"
        if refused := REFUSED.match(line):
            return refused["why"]
        if (failed := FAILED.match(line)) and not CANCELLED.search(line):
            return f"{failed['stack']}: {failed['name']} ({failed['type']}): {CALLED.sub('', failed['why'])}"
    return ""


def _complaint(said: Sequence[str]) -> str:
    for pattern in TELLING:
        complaints = [line for line in said if pattern.search(line)]
        if complaints:
            return complaints[-1].removeprefix("❌")
    return "it said nothing"
