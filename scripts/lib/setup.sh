# Sets a bare Debian up for the portal: system packages by apt-get, Python packages from the hashed lock.
# Sourced by scripts/demo and scripts/test; what is there already is left alone, so a second start takes no time.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=${PYTHON:-python3}
venv=${PORTAL_VENV:-$root/.venv}
missing=()

say() { printf '%s\n' "$*" >&2; }

# want PACKAGE REASON... : notes the package as missing unless dpkg has it installed.
want() {
  local package=$1; shift
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] && return
  missing+=("$package")
  reasons+=("  $package: $*")
}

require_python() {
  command -v "$python" >/dev/null || { say "The portal needs Python 3.11 or later, and there is no $python here."; exit 1; }
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "The portal needs Python 3.11 or later; $python is older."; exit 1; }
}

# What the portal itself needs; the package python3-venv only where Python came without it.
want_for_portal() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || want python3-venv "makes the isolated Python environment"
  want libpango-1.0-0 "lays out the text of certificates"
  want libpangoft2-1.0-0 "reads the fonts of certificates"
  want libharfbuzz-subset0 "cuts the fonts to the characters used"
  want bubblewrap "closes test jobs off from network and files"
}

want_for_tests() {
  want postgresql "the tests run on a PostgreSQL of their own"
  want redis-server "the tests run on a Redis of their own"
  want nginx "the rehearsal of production stands behind it"
  want curl "the rehearsal asks nginx's health as a container does"
  want chromium "the tests drive a real browser"
  want fonts-noto-cjk "the browser shows Chinese"
  want poppler-utils "pdfsig checks signatures independently of our code"
}

# Installs what is missing as root, or with a sudo that asks nothing; otherwise ends with the line to run as root.
install_packages() {
  [ ${#missing[@]} -gt 0 ] || return 0
  # Run level 1: the packages' own servers are not started, ours are.
  local install="RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${missing[*]}"
  local line="apt-get update && $install" sudo=
  say "These system packages are missing:"
  printf '%s\n' "${reasons[@]}" >&2
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      sudo="sudo -n"
    else
      say "Run this line once as root, then start again:"
      printf '%s\n' "$line"
      exit 3
    fi
  fi
  say "Installing them with${sudo:+ sudo} apt-get ..."
  local log; log=$(mktemp)
  if ! $sudo bash -c "$line" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    say "apt-get could not install them. By hand, as root:"
    say "$line"
    exit 1
  fi
  rm -f "$log"
}

require_packages() {
  reasons=()
  if ! command -v dpkg-query >/dev/null; then
    say "Not a Debian system: pango, bubblewrap and the like must be there already; see scripts/lib/setup.sh."
    return
  fi
  "$@"
  install_packages
}

digest() { cat "$@" <("$python" --version) | sha256sum | cut -d' ' -f1; }

# require_environment base|test : the isolated environment with exactly what the lock names.
require_environment() {
  local lock=$root/requirements/$1.txt
  local mark=$venv/.portal-$1
  if [ "$(cat "$mark" 2>/dev/null)" != "$(digest "$lock")" ]; then
    say "Installing the Python packages of requirements/$1.txt into $venv (once) ..."
    [ -x "$venv/bin/python" ] || "$python" -m venv --without-pip "$venv"
    "$venv/bin/python" -m ensurepip >/dev/null
    install_locked "$lock"
    prune_environment
    digest "$lock" > "$mark"
    # The lock of the tests holds every line of the portal's own.
    [ "$1" = base ] || digest "$root/requirements/base.txt" > "$venv/.portal-base"
  fi
  python=$venv/bin/python
}

install_locked() {
  local log; log=$(mktemp)
  if ! "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-cache-dir --no-compile \
    --require-hashes --only-binary :all: -r "$1" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    say "The Python packages could not be installed; see above."
    exit 1
  fi
  rm -f "$log"
}

# Takes out what only developers of those packages need, and the network parts of pyarrow (its file formats stay),
# so that the whole stays below 700 MB.
prune_environment() {
  local packages; packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
  "$venv/bin/python" -m pip uninstall -q -y --disable-pip-version-check pip setuptools 2>/dev/null
  local name
  for name in numpy scipy sklearn skops pyarrow onnx pandas; do
    [ -d "$packages/$name" ] || continue
    find "$packages/$name" -depth -type d -name tests -exec rm -rf {} +
    find "$packages/$name" -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.h' -o -name '*.cpp' \) -delete
  done
  rm -rf "$packages/pyarrow/include" "$packages/pyarrow/src" "$packages/numpy/_core/include" "$packages/onnx/backend/test"
  rm -f "$packages"/pyarrow/{libarrow_flight,libarrow_s3,_flight,_s3fs}.*
}

# Compiles the message catalogues, which are kept as text only.
prepare_catalogues() { (cd "$root" && "$python" -m portal.catalogues compile >&2); }
