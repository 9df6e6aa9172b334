#!/usr/bin/env bash
# Set everything up on a fresh machine and run the checks: lint, format, types, tests.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
ruff check .
ruff format --check .
mypy
if [ $# -gt 0 ]; then
    exec python -m pytest "$@"
fi
# Apart, because with OpenCV's, OpenVINO's and Arrow's libraries in one process, starting another one crashed.
python -m pytest --ignore tests/live
python -m pytest tests/live
