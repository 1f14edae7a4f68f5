#!/bin/bash
# Runs as root, out of a bundle that was just taken: at the first boot by bootstrap.sh, at later boots and each hour by
# refresh.sh. The new agent must pass its check with the new settings; then both are swapped in, each by one rename, and
# all that belongs to them is installed. A second run changes nothing that works, and none ends a tick of the agent.
set -Eeuo pipefail
umask 022
trap 'echo "mlstack: install.sh failed at line $LINENO: $BASH_COMMAND" >&2' ERR

root=${MLSTACK_ROOT:-} # another folder in tests
python=${MLSTACK_PYTHON:-/usr/bin/python3}
home=$root/opt/mlstack units=$root/etc/systemd/system run=$root/run/mlstack
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
new=${here%/bundle/workstation}
exec 9>"$home/lock"
flock -w 300 9 # one at a time

put() { # MODE FILE PLACE: never half written, as it may be in use
  cp "$2" "$3.new"
  chmod "$1" "$3.new"
  mv -T "$3.new" "$3"
}

# Whether it would work, on a root folder that differs from this machine's in nothing but settings and bundle
told=$("$python" -I "$here/setting.py" "$new/settings.json" login python gpu jupyter)
{ read -r login && read -r framework && read -r gpu && read -r jupyter; } <<<"$told"
mkdir -p "$new/root/opt"
ln -sfn "$new" "$new/root/opt/mlstack"
for folder in dev etc home proc run sys usr var; do
  ln -sfn "$root/$folder" "$new/root/$folder"
done
AGENT_ROOT=$new/root "$python" -I "$here/agent.py" check

mkdir -p "$run"
if ! test -L "$home/bundle"; then # at later boots its time counts from the boot itself
  read -r uptime _ <"$root/proc/uptime"
  echo "$uptime" >"$run/installed"
fi
previous=$(readlink "$home/bundle" || true)
ln -sfn "$new/bundle" "$home/bundle.new"
mv -T "$home/bundle.new" "$home/bundle"
put 644 "$new/settings.json" "$home/settings.json"

# Every user may write the one file that keeps the machine awake, and nothing beside it
mkdir -p "$units/mlstack-jupyter.service.d" "$root/etc/tmpfiles.d" "$root/usr/local/bin" "$home/done"
chmod 755 "$run"
test -e "$run/keep-awake" || echo 0 >"$run/keep-awake"
chmod 666 "$run/keep-awake"
put 644 "$here/tmpfiles.conf" "$root/etc/tmpfiles.d/mlstack.conf"
put 755 "$here/keep_awake.py" "$root/usr/local/bin/keep-awake"
put 755 "$here/refresh.sh" "$home/refresh"

for unit in "$here"/units/*; do
  put 644 "$unit" "$units/${unit##*/}"
done
printf '[Service]\nUser=%s\n' "$login" >"$units/mlstack-jupyter.service.d/login.conf"
systemctl daemon-reload
systemctl enable mlstack-workstation.timer mlstack-refresh.timer mlstack-refresh.service
systemctl start mlstack-workstation.timer mlstack-refresh.timer

# From here on the machine is watched, and what follows may take its time
if ! test -e "$home/done/smoke"; then
  "$python" -I "$here/smoke.py" "$gpu" "$framework"
  touch "$home/done/smoke"
fi
if test "$jupyter" = false; then
  systemctl disable mlstack-jupyter.service # from the next boot on: somebody may work with it
elif ! test -L "$units/multi-user.target.wants/mlstack-jupyter.service"; then
  systemctl enable mlstack-jupyter.service
  systemctl start --no-block mlstack-jupyter.service || echo "mlstack: JupyterLab could not be started" >&2
fi
if test -e "$new/own" && ! test -e "$home/done/own"; then
  put 755 "$new/own" "$home/own"
  touch "$home/done/own"
  systemd-run --unit=mlstack-own --collect --slice=user.slice --setenv=HOME=/root --property=StandardError=inherit \
    --property="StandardOutput=append:$root/var/log/mlstack-own.log" /usr/bin/env "$home/own" ||
    echo "mlstack: your own script could not be started" >&2
fi

# A tick that began a moment ago runs out of the folder before this one
for taken in "$home"/taken/*; do
  test "$taken" = "$new" || test "$taken/bundle" = "$previous" || rm -rf "$taken"
done
