#!/usr/bin/env bash
# Set everything up on a fresh machine and run the checks: lint, format, types, tests.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
ruff check .
ruff format --check .
mypy
if [ $# -gt 0 ]; then
    exec python -m pytest "$@"
fi
if ! command -v chromium chromium-browser google-chrome > /dev/null; then
    echo "no Chromium here, so no page is tried in a browser; on Debian: apt-get install chromium" >&2
fi
# Apart, because a process that held both Arrow and another runtime was seen to crash now and then. What is known:
# Arrow's own allocator crashes where Arrow was loaded by a thread that is gone (Arrow issue 50471): in 2 of 5 runs
# with pyarrow 25.0.0, in none of 5 with ARROW_DEFAULT_MEMORY_POOL=system, which fastst sets. With pyarrow 26.0.1
# it came up in none of 25, and in none of 8 each for four orders of loading it, onnxruntime 1.32.0 and
# openvino 2026.4.1. But Arrow and OpenVINO in one process still end it, silently, at the start of a later thread:
# pytest tests/data/test_hub.py tests/stylize/test_threads.py tests/test_full_disk.py tests/test_hub.py
with_runtimes=(tests/engines tests/evaluation/test_speed.py tests/stylize/test_stylizer.py)
with_runtimes+=(tests/stylize/test_threads.py tests/test_full_disk.py tests/cli/test_export.py)
with_runtimes+=(tests/stylize/test_kept.py tests/cli/test_overwrite.py tests/web)
with_runtimes+=(tests/studio/test_live_socket.py tests/studio/test_live_tab.py tests/studio/test_video_tab.py)
# A process for each core, each on one: several that each take all cores hold one another up.
export OMP_NUM_THREADS=1
run() {
    python -m pytest --numprocesses auto --dist "$1" "${@:2}" && return
    # On a loaded machine a worker was seen to die without a trace, and a browser to be late. What fails twice
    # has failed.
    echo "what failed is tried once more, one at a time" >&2
    python -m pytest --last-failed --last-failed-no-failures none "${@:2}"
}
# The commands that are shown are one long file, whose tests share nothing.
documents=tests/test_documentation.py
run loadfile "${with_runtimes[@]/#/--ignore=}" --ignore=$documents
run loadfile "${with_runtimes[@]}"
run load $documents
