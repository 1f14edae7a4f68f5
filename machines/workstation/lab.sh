#!/bin/bash
# JupyterLab: `prepare`, as root, sees to it that there is one; `serve`, as the machine's user, runs it for this machine
# only, with the token that Jupyter makes. PyTorch's image has one beside its Python; for the others it comes by pip.
# No process of this may be called jupyter... before the server runs: by that name the agent knows the server.
set -Eeuo pipefail
umask 022

root=${MLSTACK_ROOT:-} # another folder in tests
python=${MLSTACK_PYTHON:-/usr/bin/python3}
venv=$root/opt/mlstack/jupyter
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
framework=$("$python" -I "$here/setting.py" "$root/opt/mlstack/settings.json" python)
kernel=ipykernel==6.31.0 # as in lab.txt
pip=(-m pip install --quiet --disable-pip-version-check --no-input)

has_lab() { test -n "$framework" && test -x "${framework%/*}/jupyter-lab"; }

prepare() {
  if has_lab || test -e "$venv/ready"; then
    return
  fi
  rm -rf "$venv"
  if ! "$python" -m venv "$venv"; then # Ubuntu keeps it in a package of its own
    get_venv
    rm -rf "$venv"
    "$python" -m venv "$venv"
  fi
  "$venv/bin/python" "${pip[@]}" --no-deps --requirement "$here/lab.txt"
  add_kernel || echo "mlstack: JupyterLab has no kernel for $framework"
  touch "$venv/ready"
  echo "mlstack: JupyterLab is in $venv"
}

get_venv() { # a new image has no lists of packages, or old ones; and Ubuntu's own daily work may hold them at a boot
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a
  local attempt
  for attempt in 1 2 3; do
    test "$attempt" = 1 || sleep "${MLSTACK_PAUSE_S:-30}"
    apt-get update --quiet || echo "mlstack: the lists of packages stay as they are"
    apt-get -o DPkg::Lock::Timeout=300 install --quiet --yes python3-venv && return
  done
  return 1
}

add_kernel() {
  test -n "$framework" || return 0
  "$framework" -c 'import ipykernel' || "$framework" "${pip[@]}" "$kernel" || return
  "$framework" -m ipykernel install --prefix="$venv" --name=dlami --display-name="Python of the image ($framework)"
}

serve() {
  local bin=$venv/bin
  if has_lab; then
    bin=${framework%/*}
  fi
  cd "$HOME"
  PATH=$bin:$PATH exec "$bin/jupyter-lab" --no-browser --ip=127.0.0.1 --port=8888 --ServerApp.port_retries=0 \
    --ServerApp.root_dir="$HOME"
}

case ${1:-} in
  prepare | serve) "$1" ;;
  *)
    echo "lab.sh: say prepare or serve" >&2
    exit 2
    ;;
esac
