"""A workstation in a folder that boots: the real scripts, and programs beside them that stand in for the machine's."""

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.machines.interpreter import oldest

MACHINES = Path(__file__).resolve().parents[3] / "machines"
WORKSTATION = MACHINES / "workstation"
INSTANCE, REGION = "i-0abc1234def567890", "eu-west-3"
PARAMETER, STACK, RESOURCE = "/mlstack/sandbox/workstations/gpu", "mlstack-sandbox-frameworks", "WorkstationGpu1A2B"
BUNDLE, OWN = {"bucket": "assets", "key": "b.zip"}, {"bucket": "assets", "key": "own.sh"}
PROGRAMS = (
    *("bash", "cat", "chmod", "cp", "date", "dirname", "flock", "ln", "mkdir", "mv", "readlink", "rm", "sleep"),
    *("tee", "timeout", "touch"),
)
"""Of every Linux: what bootstrap.sh says that it needs. Nothing else is on the machine's PATH."""
AWS = """#!/bin/bash
# In the form that the local AWS knows too; a Python would start for longer than all else takes
test "${{*:3:3}}" = "--region {region} --cli-input-json" || exit 9
operation=$2 told=$6 fails={root}/fails/$2
echo "[\\"$operation\\", $told]" >>{root}/calls
if test -e "$fails" && test "$(<"$fails")" != 0; then
  echo $(($(<"$fails") - 1)) >"$fails"
  echo "An error occurred (AccessDenied) when calling $operation" >&2
  exit 254
fi
case "$1 $operation ${{*:7}}" in
  "ssm get-parameter --output json")
    test "$told" = '{{"Name": "{parameter}"}}' || exit 9
    value=$(<{root}/parameter)
    value=${{value//\\\\/\\\\\\\\}}
    echo "{{\\"Parameter\\": {{\\"Value\\": \\"${{value//\\"/\\\\\\"}}\\"}}}}"
    ;;
  "s3api get-object $7")
    [[ $told =~ ^\\{{\\"Bucket\\":\\ \\"([a-z]+)\\",\\ \\"Key\\":\\ \\"([a-z.]+)\\"\\}}$ ]] || exit 9
    cat {root}/objects/"${{BASH_REMATCH[1]}}/${{BASH_REMATCH[2]}}" >"$7"
    ;;
  "cloudformation signal-resource ") ;;
  *) exit 9 ;;
esac
"""
SYSTEMCTL = """#!/bin/bash
# As systemd does it: links what is enabled where its unit says
echo "$@" >>{root}/systemctl
test "$1" != "$(cat {root}/refused 2>/dev/null)" || exit 1
units={root}/etc/systemd/system
for unit in "${{@:2}}"; do
  if test "$1" = enable; then
    test -e "$units/$unit" || exit 1
    wants=$units/$(/bin/sed -n 's/^WantedBy=//p' "$units/$unit").wants
    /bin/mkdir -p "$wants" && /bin/ln -sfn "../$unit" "$wants/$unit"
  elif test "$1" = disable; then
    /bin/rm -f "$units"/*.wants/"$unit"
  elif test "$1 $unit" = "start mlstack-workstation.timer" && test ! -e {root}/mute; then
    echo '{{"boot": "7b1a", "beaten": 95.3}}' >{root}/run/mlstack/state.json # as the agent does where it is heard
  fi
done
"""
SYSTEMD_RUN = """#!/bin/bash
# As systemd does it: opens the file for both outputs and runs the command; without waiting for it
for argument; do
  case $argument in
    --property=StandardOutput=append:*) log=${{argument#*append:}} ;;
    --*) ;;
    *) break ;;
  esac
  shift
done
echo "$@" >>{root}/systemd-run
"$@" >>"$log" 2>&1
true
"""
LOGGED = '#!/bin/sh\necho "$@" >>{root}/{name}\n'
NVIDIA_SMI = "#!/bin/sh\necho 'GPU 0: NVIDIA L4 (UUID: GPU-1)'\n"
AGENT = """
import json, os, pathlib, sys
root = pathlib.Path(os.environ["AGENT_ROOT"])
told = json.loads((root / "opt/mlstack/settings.json").read_text())
(root / "var/lib/cloud/data/instance-id").read_text()
if sys.argv[1:] != ["check"] or told["idle_minutes"] == "broken":
    sys.exit("the agent cannot work")
print("checked", "VERSION", told["idle_minutes"])
"""
PYTHON_OF_THE_IMAGE = """#!/bin/sh
test "$1" != -I || shift
PYTHONPATH={root}/opt/pytorch/lib exec {python} "$@"
"""
TORCH = """
__version__ = "2.14.0"
class cuda:
    is_available = staticmethod(lambda: {sees})
"""


@dataclass
class Box:
    """The folder; what its programs were asked stands in files of it."""

    root: Path
    settings: dict[str, object] = field(init=False)

    def __post_init__(self) -> None:
        self.write("var/lib/cloud/data/instance-id", f"{INSTANCE}\n")
        self.write("proc/uptime", "95.25 99.99\n")
        for folder in ("bin", "var/log", "fails", "objects/assets", "etc/systemd/system"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        for name in PROGRAMS:
            (self.root / "bin" / name).symlink_to(str(shutil.which(name, path="/usr/bin:/bin")))
        self.program("bin/aws", AWS.format(root=self.root, region=REGION, parameter=PARAMETER))
        self.program("bin/systemctl", SYSTEMCTL.format(root=self.root))
        self.program("bin/systemd-run", SYSTEMD_RUN.format(root=self.root))
        self.program("bin/shutdown", LOGGED.format(root=self.root, name="shutdown"))
        self.program("bin/nvidia-smi", NVIDIA_SMI)
        self.framework(sees=True)
        self.settings = {
            "workstation": "gpu",
            "bundle": BUNDLE,
            "own": None,
            "idle_minutes": 30,
            "keep_awake_hours": 8,
            "login": "ubuntu",
            "python": f"{self.root}/opt/pytorch/bin/python",
            "gpu": True,
            "jupyter": True,
        }
        self.set()
        self.put_bundle("one")

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def program(self, path: str, text: str) -> Path:
        """Write a file that can be run."""
        place = self.write(path, text)
        place.chmod(0o755)
        return place

    def framework(self, *, sees: bool) -> None:
        """Let the image's Python have a PyTorch that sees a GPU, or none."""
        self.program("opt/pytorch/bin/python", PYTHON_OF_THE_IMAGE.format(root=self.root, python=oldest()))
        self.write("opt/pytorch/lib/torch.py", TORCH.format(sees=sees))

    def set(self, **changes: object) -> None:
        """Deploy other settings."""
        self.settings.update(changes)
        self.write("parameter", json.dumps(self.settings))

    def put_bundle(self, version: str, more: Mapping[str, str] | None = None, without: Sequence[str] = ()) -> None:
        """Deploy a bundle: the real scripts with an agent that only checks itself; and `more`, as it is called."""
        agent = {"workstation/agent.py": AGENT.replace("VERSION", version)}
        self.pack({**sources("workstation"), **agent, **(more or {})}, without)

    def put_whole_bundle(self) -> None:
        """Deploy the real one, as the stack packs it."""
        self.pack({**sources("workstation"), **sources("shared/machine_use")})

    def pack(self, files: Mapping[str, str], without: Sequence[str] = ()) -> None:
        """Deploy these files as the bundle."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in files.items():
                if name not in without:
                    archive.writestr(zipfile.ZipInfo(name), text)
        self.write("objects/assets/b.zip", packed.getvalue())

    def fails(self, operation: str, times: int = 1000) -> None:
        """Let an operation of AWS fail so often."""
        self.write(f"fails/{operation}", str(times))

    def run(self, *command: str | Path, python: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command with nothing but the machine's programs."""
        environment = {
            "MLSTACK_PYTHON": python or oldest(),
            "MLSTACK_ROOT": str(self.root),
            "MLSTACK_PAUSE_S": "0",
            "PATH": str(self.root / "bin"),
        }
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=60, cwd=self.root
        )

    def boot(self, python: str | None = None) -> subprocess.CompletedProcess[str]:
        """Do what cloud-init does."""
        return self.run("/bin/bash", self.write("user-data", user_data()), python=python)

    def refresh(self) -> subprocess.CompletedProcess[str]:
        """Do what mlstack-refresh.service does."""
        return self.run("/bin/bash", self.root / "opt/mlstack/refresh")

    def keep(self) -> None:
        """Remember how the folder is: to copy it takes less time than to boot anew."""
        shutil.copytree(self.root, self._kept, symlinks=True)

    def restored(self) -> "Box":
        """The same folder as it was then; its settings as well."""
        shutil.rmtree(self.root)
        shutil.copytree(self._kept, self.root, symlinks=True)
        self.settings = json.loads((self.root / "parameter").read_text(encoding="utf-8"))
        return self

    @property
    def _kept(self) -> Path:
        return self.root.parent.with_name(f"{self.root.parent.name}-kept")

    def lines(self, path: str) -> list[str]:
        """What stands in a file; nothing where there is none."""
        place = self.root / path
        return place.read_text(encoding="utf-8").splitlines() if place.exists() else []

    def signals(self) -> list[str]:
        """What CloudFormation was told."""
        calls = [json.loads(line) for line in self.lines("calls")]
        told = [call[1] for call in calls if call[0] == "signal-resource"]
        who = {"StackName": STACK, "LogicalResourceId": RESOURCE, "UniqueId": INSTANCE}
        assert all({**each, **who} == each for each in told)
        return [each["Status"] for each in told]

    def agent(self) -> str:
        """What the agent that is in use says to its check."""
        command = [oldest(), "-I", str(self.root / "opt/mlstack/bundle/workstation/agent.py"), "check"]
        environment = {"AGENT_ROOT": str(self.root)}
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    def taken(self) -> list[Path]:
        """The folders with settings and bundles."""
        return sorted((self.root / "opt/mlstack/taken").iterdir())


def sources(folder: str) -> dict[str, str]:
    """The files of a folder in the bundle, by their names there."""
    found = (path for path in (MACHINES / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(MACHINES)): path.read_text(encoding="utf-8") for path in found}


def user_data() -> str:
    """bootstrap.sh as the stack fills it in."""
    script = (WORKSTATION / "bootstrap.sh").read_text(encoding="utf-8")
    filled = {"@REGION@": REGION, "@PARAMETER@": PARAMETER, "@STACK@": STACK, "@RESOURCE@": RESOURCE}
    for placeholder, value in filled.items():
        script = script.replace(placeholder, value)
    return script
