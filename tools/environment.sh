# Read by run.sh and test.sh (works with the bash 3.2 of macOS): makes .venv and keeps it as the requirements say.

newest_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.14 python3.13 python3.12 python3.11 python3 python; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  echo "Message Sender needs Python 3.11 or later, and none was found. Install it from https://www.python.org/downloads/" \
    "or with your system's package manager, or name it: PYTHON=/path/to/python3 $0" >&2
  return 1
}

make_environment() {  # REQUIREMENTS FILE
  local python stamp wanted
  if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    python=$(newest_python)
    if [ ! -w . ] || { [ -e .venv ] && [ ! -w .venv ]; }; then
      echo "The files in $PWD belong to another user. Start as that user, or make the folder your own: sudo chown -R" \
        "$(id -un) '$PWD'" >&2
      return 1
    fi
    echo "Making .venv with $("$python" --version)" >&2
    rm -rf .venv
    if ! "$python" -m venv .venv >&2; then
      rm -rf .venv
      echo "Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2
      return 1
    fi
  fi
  stamp=.venv/installed-$1.cksum
  wanted=$(cksum <"$1")
  if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing what $1 lists (the first time takes a minute or so)" >&2
    if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$1" >&2; then
      echo "Not everything could be installed; the lines above say why. Check the network and the space on the disk," \
        "then start again. Behind a proxy, set HTTPS_PROXY in the environment" >&2
      return 1
    fi
    echo "$wanted" >"$stamp"
  fi
}
