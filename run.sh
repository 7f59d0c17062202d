#!/usr/bin/env bash
# Starts all of Message Sender on this machine; needs only Python 3.11 or later.
# Settings come from the environment and from .env (see .env.example); without a Telegram token it runs the sandbox.
set -euo pipefail
cd "$(dirname "$0")"
. tools/environment.sh
make_environment requirements.txt
exec .venv/bin/python -m launcher "$@"
