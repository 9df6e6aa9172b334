#!/usr/bin/env bash
# Set everything up on a fresh machine, train a style on a painting for two minutes, and lay a sheet of it and of
# every shipped style. It goes to demo-out/.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
python scripts/demo.py demo-out
