#!/usr/bin/env bash
# Runs the tests; installs their requirements first.
#   ./test.sh              all but the two below
#   ./test.sh unit         the fast ones, of single modules
#   ./test.sh chaos        kills processes for minutes while thousands of messages are sent
#   ./test.sh docker       builds the images and runs docker compose
#   ./test.sh ... ARGS     further arguments go to pytest
set -euo pipefail
cd "$(dirname "$0")"
. tools/environment.sh

install_browser() {
  if [ -x /usr/bin/chromium ] || [ "$(uname)" = Darwin ] || ! command -v apt-get >/dev/null; then
    return 0
  fi
  local as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    $as_root true 2>/dev/null || { echo "The tests of the page need Chromium: apt install chromium" >&2; return 0; }
  fi
  echo "Installing Chromium for the tests of the page" >&2
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null
}

make_environment requirements-dev.txt
# The tests start hundreds of programs: without kept bytecode, each compiles every module anew.
unset PYTHONDONTWRITEBYTECODE
case "${1:-}" in
  unit) shift; exec .venv/bin/pytest -q tests/unit "$@" ;;
  chaos) shift; exec .venv/bin/pytest -q -m "chaos or chaos_long" "$@" ;;
  docker) shift; exec .venv/bin/pytest -q -rs -m docker tests/docker "$@" ;;
  # Four processes, a file at a time: tests mostly wait for real processes. Append -n 8 for eight.
  *) install_browser; exec .venv/bin/pytest -q -rs -n 4 --dist loadfile --no-loadscope-reorder -m "not chaos_long and not docker" "$@" ;;
esac
