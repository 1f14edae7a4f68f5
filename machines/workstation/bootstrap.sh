#!/bin/bash
# The user data of a workstation: cloud-init runs it as root at the first boot of an instance; later boots are the
# business of the units that it installs. It takes settings and bundle, runs the bundle's install.sh, waits until the
# agent is heard, and tells CloudFormation. Where a line fails, CloudFormation hears of it, and its rollback takes the
# machine away at once; `cdk deploy --no-rollback` leaves ten minutes to look at it. Where one hangs, it ends after 45.
# The log is /var/log/mlstack-boot.log, and the console's, which EC2 still shows for a while after the machine's end.
#
# Programs, by bare name: aws, shutdown, systemctl; in the bundle also journalctl, nvidia-smi and systemd-run. Else
# bash, Python, and what every Linux has: cat, chmod, cp, date, dirname, flock, ln, mkdir, mv, readlink, rm, sleep, tee,
# timeout, touch.
set -Eeuo pipefail
umask 022

region='@REGION@' stack='@STACK@' resource='@RESOURCE@'
root=${MLSTACK_ROOT:-} # another folder in tests
python=${MLSTACK_PYTHON:-/usr/bin/python3}
home=$root/opt/mlstack units=$root/etc/systemd/system log=$root/var/log/mlstack-boot.log
export AWS_PAGER='' AWS_METADATA_SERVICE_NUM_ATTEMPTS=3 AWS_METADATA_SERVICE_TIMEOUT=5 HOME="${HOME:-/root}"
test -n "$root" || PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/snap/bin

say() { echo "$(date -u +%FT%TZ) mlstack: $*"; }

instance() { cat "$root/var/lib/cloud/data/instance-id"; }

signal() { # SUCCESS or FAILURE
  local told attempt
  told=$(printf '{"StackName":"%s","LogicalResourceId":"%s","UniqueId":"%s","Status":"%s"}' \
    "$stack" "$resource" "$(instance)" "$1")
  for attempt in 1 2 3 4 5; do
    timeout 60 aws cloudformation signal-resource --region "$region" --cli-input-json "$told" && return
    test "$attempt" = 5 || sleep "${MLSTACK_PAUSE_S:-10}"
  done
  return 1
}

# shellcheck disable=SC2329 # the trap calls it
ended() { # whatever ended it
  local code=$?
  trap - ERR
  set +e
  test "$code" != 0 || return
  say "the boot failed${failed:+ at $failed}"
  if test -e "$home/done/signalled"; then
    say "this machine has booted before, and its agent still watches it: it goes on"
    shutdown -c
  else
    shutdown -P +10 || systemctl poweroff
    say "it ends in 10 minutes, or at once by CloudFormation's rollback; to look at it, deploy with --no-rollback"
    say "its console keeps this log: aws ec2 get-console-output --latest --region $region --instance-id $(instance) --output text"
    signal FAILURE || say "CloudFormation could not be told: it waits until the signal's time is over"
  fi
  exit "$code"
}

boot() {
  trap ended EXIT
  trap 'failed="line $LINENO: $BASH_COMMAND"' ERR
  shutdown -P +45

  # A machine on which nothing watches ends by itself, at any boot: cloud-init would not run this again
  mkdir -p "$home/taken" "$units"
  cat >"$units/mlstack-deadman.service" <<'UNIT'
[Unit]
Description=Ends this machine 45 minutes after its boot where no agent is installed that would stop it
ConditionPathExists=!/etc/systemd/system/timers.target.wants/mlstack-workstation.timer
[Service]
Type=oneshot
ExecStart=/sbin/shutdown -P +45
[Install]
WantedBy=multi-user.target
UNIT
  systemctl enable mlstack-deadman.service

  # What was done on another instance, of which this one's image was made, was not done here
  local id
  id=$(instance)
  if test "$(cat "$home/done/instance" 2>/dev/null)" != "$id"; then
    rm -rf "$home/done"
    mkdir "$home/done"
    echo "$id" >"$home/done/instance"
  fi

  cat >"$home/fetch" <<'PYTHON'
"""Takes the settings and the bundle anew, into a folder of their own, and says which; whole or not at all."""
import json, os, shutil, subprocess, sys, tempfile, time, zipfile
from pathlib import Path

REGION, PARAMETER = "@REGION@", "@PARAMETER@"
HOME = Path(os.environ.get("MLSTACK_ROOT") or "/") / "opt/mlstack"
ATTEMPTS, PAUSE_S, LARGEST = 5, float(os.environ.get("MLSTACK_PAUSE_S", "10")), 64 << 20


def aws(service, operation, told, *more):
    command = ["aws", service, operation, "--region", REGION, "--cli-input-json", json.dumps(told), *map(str, more)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{service} {operation}: {done.stderr.strip()[-400:] or done.returncode}")
    return done.stdout


def download(place, path):
    aws("s3api", "get-object", {"Bucket": place["bucket"], "Key": place["key"]}, path)


def unpack(path, folder):
    with zipfile.ZipFile(path) as archive:
        for each in archive.infolist():
            parts, kind = each.filename.split("/"), each.external_attr >> 28
            if ".." in parts or parts[0] == "" or "\\" in each.filename or kind not in (0, 4, 8):
                raise ValueError(f"the bundle holds {each.filename!r}, which is no file in it")
        if sum(each.file_size for each in archive.infolist()) > LARGEST:
            raise ValueError("the bundle is too large")
        archive.extractall(folder)


def take(new):
    told = aws("ssm", "get-parameter", {"Name": PARAMETER}, "--output", "json")
    text = json.loads(told)["Parameter"]["Value"]
    settings = json.loads(text)
    (new / "settings.json").write_text(text, encoding="utf-8")
    download(settings["bundle"], new / "bundle.zip")
    unpack(new / "bundle.zip", new / "bundle")
    (new / "bundle.zip").unlink()
    if settings.get("own") and not (HOME / "done/own").exists():
        download(settings["own"], new / "own")
    for needed in ("agent.py", "install.sh", "refresh.sh"):
        if not (new / "bundle/workstation" / needed).stat().st_size:
            raise ValueError(f"{needed} is empty")
    new.chmod(0o755)
    for path in (new, *new.rglob("*")):  # a machine that loses its power must not find empty files
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


for attempt in range(ATTEMPTS):
    if attempt:
        time.sleep(PAUSE_S)
    new = Path(tempfile.mkdtemp(dir=HOME / "taken"))
    try:
        take(new)
    except Exception as error:
        shutil.rmtree(new)
        sys.stderr.write(f"mlstack: nothing taken: {type(error).__name__}: {error}\n")
    else:
        print(new)
        sys.exit(0)
sys.exit(1)
PYTHON

  local new
  new=$(timeout 600 "$python" -I "$home/fetch")
  bash "$new/bundle/workstation/install.sh"
  if ! test -e "$home/done/signalled"; then
    "$python" -I "$new/bundle/workstation/heard.py"
    signal SUCCESS
    touch "$home/done/signalled"
  fi
  shutdown -c
  say "the boot is done"
}

boot 2>&1 | tee -a "$log"
exit "${PIPESTATUS[0]}"
