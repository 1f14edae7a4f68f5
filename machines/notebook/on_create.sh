#!/bin/bash
# Runs as root once, when the notebook instance is created, and before on_start.sh, which installs the agent: starts
# your own script. It may take as long as it likes, and fail; its output is in /var/log/mlstack-own-create.log. What
# it changes outside /home/ec2-user/SageMaker is gone after the first stop.
set -u
umask 022

root=${MLSTACK_ROOT:-} # another folder in tests
own=$root/opt/mlstack/own_create
{
  mkdir -p "$root/opt/mlstack" && base64 --decode >"$own" <<'OWN' && chmod 755 "$own" &&
@OWN@
OWN
    systemd-run --unit=mlstack-own-create --slice=user.slice --setenv=HOME=/root --property=StandardError=inherit \
      --property="StandardOutput=append:$root/var/log/mlstack-own-create.log" /usr/bin/env "$own"
} || echo "mlstack: your own script could not be started" >&2
