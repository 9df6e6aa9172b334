#!/usr/bin/env bash
# Set everything up on a fresh machine and run the checks: lint, format, types, tests.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
ruff check .
ruff format --check .
mypy
python -m pytest "$@"
