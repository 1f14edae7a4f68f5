#!/bin/bash
# Runs as root at each boot and each hour: takes settings and bundle anew. Where that fails, what works stays.
set -Eeuo pipefail
umask 022

root=${MLSTACK_ROOT:-} # another folder in tests
python=${MLSTACK_PYTHON:-/usr/bin/python3}
home=$root/opt/mlstack
export AWS_PAGER='' AWS_METADATA_SERVICE_NUM_ATTEMPTS=3 AWS_METADATA_SERVICE_TIMEOUT=5 HOME="${HOME:-/root}"
test -n "$root" || PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/snap/bin

if ! new=$("$python" -I "$home/fetch"); then
  echo "mlstack: settings and bundle stay as they are: they could not be taken anew" >&2
  exit 1
fi
if ! bash "$new/bundle/workstation/install.sh"; then
  if test "$(readlink "$home/bundle")" = "$new/bundle"; then
    echo "mlstack: the new settings and bundle are in use, but not all of them could be installed" >&2
  else
    echo "mlstack: settings and bundle stay as they are: the new ones do not work" >&2
    rm -rf "$new"
  fi
  exit 1
fi
