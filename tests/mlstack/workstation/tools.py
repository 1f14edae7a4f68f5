"""Stand-ins for the AWS CLI with its plugin, and for what Session Manager does on the machine.

As the agent does, an interactive command goes to `sh -c`, and one that is not interactive is split into words:
https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/session/shell/shell_unix.go
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

AWS = """#!{python}
import json, os, select, shlex, subprocess, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
words = sys.argv
document = words[words.index("--document-name") + 1]
said = json.loads(words[words.index("--parameters") + 1])
if {fault!r}:
    print("\\n" + {fault!r}, file=sys.stderr)
    sys.exit(254)
print("\\nStarting session with SessionId: somebody-0123\\n", flush=True)
if document == "AWS-StartPortForwardingSession":
    assert os.environ["SSM_PLUGIN_LOCAL_HOST"] == "127.0.0.1"
    os.execvp("sh", ["sh", "-c", {forward!r}])
if document == "AWS-StartInteractiveCommand":
    subprocess.run(["sh", "-c", said["command"][0]])
else:
    if select.select([sys.stdin], [], [], 0.02)[0] and not sys.stdin.buffer.read(1):
        print("Cannot perform start session: EOF")
        sys.exit(0)
    subprocess.run(shlex.split(said["command"][0]), stderr=subprocess.STDOUT)
print("\\n\\nExiting session with sessionId: somebody-0123.\\n", flush=True)
"""
SUDO = """#!/bin/sh
test "$1 $2 $3 $4 $5" = "-H -n -u ubuntu --" || exit 9
shift 5
cd /
HOME={home} exec "$@"
"""
OPENS = "echo 'Port 8888 opened for sessionId somebody-0123.'; echo 'Waiting for connections...'"


@dataclass(frozen=True)
class Tools:
    """The programs, and the machine's home folder."""

    folder: Path

    @property
    def home(self) -> Path:
        """The login user's."""
        return self.folder / "home"

    @property
    def programs(self) -> Path:
        """Where they lie."""
        return self.folder / "bin"

    def install(self, *, forward: str = OPENS, fault: str = "") -> None:
        """Write them; ``forward`` is what a forwarded port does, and ``fault`` what the CLI fails with."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.programs.mkdir(exist_ok=True)
        log = str(self.folder / "log")
        self._write("aws", AWS.format(python=sys.executable, log=log, forward=forward, fault=fault))
        self._write("sudo", SUDO.format(home=self.home))
        self._write("session-manager-plugin", "#!/bin/sh\n")

    def _write(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def serve(self, name: str = "jpserver-1.json", **said: object) -> None:
        """Let a Jupyter server write its file."""
        runtime = self.home / ".local/share/jupyter/runtime"
        runtime.mkdir(parents=True, exist_ok=True)
        (runtime / name).write_text(json.dumps({"port": 8888, "token": "s3cret", "base_url": "/"} | said))

    def calls(self) -> list[list[str]]:
        """With which words the AWS CLI was called."""
        log = self.folder / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
