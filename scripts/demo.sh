#!/usr/bin/env bash
# Set everything up on a fresh machine, stylise a photo with every shipped style, then train a new style for
# two minutes. The pictures go to demo-out/.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
python scripts/demo.py demo-out
