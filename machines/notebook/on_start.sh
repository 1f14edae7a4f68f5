#!/bin/bash
# Runs as root at each start of the notebook instance, before it is InService, and installs the agent that stops it when
# nobody uses it; where that fails, so does the start, for then nothing on the machine would stop it. Its output is in
# CloudWatch: log group /aws/sagemaker/NotebookInstances, stream <instance>/LifecycleConfigOnStart.
set -euo pipefail
umask 022
trap 'echo "mlstack: line $LINENO failed: no start, as nothing would stop the instance" >&2' ERR

root=${MLSTACK_ROOT:-} # another folder in tests
python=${MLSTACK_PYTHON:-/usr/bin/python3}
home=$root/opt/mlstack run=$root/run/mlstack units=$root/etc/systemd/system
export AGENT_ROOT=${root:-/} IDLE_MINUTES=@IDLE_MINUTES@ MAX_HOURS=@MAX_HOURS@
mkdir -p "$home" "$run" "$units"

# The agent, machines/notebook/notebook_agent/, and your own script, packed: SageMaker takes 16,384 characters
"$python" -I - "$home" <<'PYTHON'
import base64, bz2, json, pathlib, sys, zipfile
packed = """
@AGENT@
"""
files = json.loads(bz2.decompress(base64.b85decode(packed.replace("\n", ""))))
home = pathlib.Path(sys.argv[1])
(home / "own_start").write_text(files.pop("own"), encoding="utf-8")
(home / "own_start").chmod(0o755)
with zipfile.ZipFile(home / "agent.pyz", "w") as archive:
    for name, text in files.items():
        archive.writestr(name, text)
PYTHON
"$python" -I "$home/agent.pyz" check
test -e "$run/installed" || cut -d ' ' -f 1 "$root/proc/uptime" >"$run/installed"

cat >"$units/mlstack-notebook.service" <<UNIT
[Unit]
Description=Stops this instance when nobody uses it
[Service]
Type=oneshot
Environment=IDLE_MINUTES=$IDLE_MINUTES MAX_HOURS=$MAX_HOURS
ExecStart=$python -I $home/agent.pyz
OOMScoreAdjust=-900
TimeoutStartSec=290
UNIT
cat >"$units/mlstack-notebook.timer" <<'UNIT'
[Timer]
OnActiveSec=1min
OnUnitActiveSec=5min
AccuracySec=5s
[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable mlstack-notebook.timer
systemctl restart mlstack-notebook.timer

# Your own script may take long, and fail: its output is in /var/log/mlstack-own-start.log
if test -s "$home/own_start"; then
  systemd-run --unit=mlstack-own-start --collect --slice=user.slice --setenv=HOME=/root --property=StandardError=inherit \
    --property="StandardOutput=append:$root/var/log/mlstack-own-start.log" /usr/bin/env "$home/own_start" ||
    echo "mlstack: your own script could not be started" >&2
fi
