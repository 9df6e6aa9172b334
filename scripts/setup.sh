# Sourced by demo.sh and test.sh: a virtual environment in .venv with fastst and the tested versions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ ! -x .venv/bin/fastst ] || [ pyproject.toml -nt .venv/installed ] || [ constraints.txt -nt .venv/installed ]; then
    echo "setting up .venv (once)"
    "${PYTHON:-python3}" -m venv .venv
    # torch first and by its exact version: an index that has a CPU build of it is then used for that.
    .venv/bin/pip install --quiet --disable-pip-version-check "$(grep '^torch==' constraints.txt)"
    .venv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,tensorboard]'
    touch .venv/installed
fi
export PATH="$PWD/.venv/bin:$PATH"
