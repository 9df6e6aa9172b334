"""A Ray cluster of two nodes of one core each, on this machine."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

_STORE_BYTES = 80 * 2**20


@contextmanager
def two_nodes() -> Iterator[tuple[Any, Any]]:
    """Yield the cluster and its second node."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": _STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield cluster, cluster.add_node(num_cpus=1, object_store_memory=_STORE_BYTES)
    finally:
        cluster.shutdown()


def kill_a_worker(number: int = 0) -> None:
    """SIGKILL one of the actors that paint, of those that this process has started."""
    actors = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "MapWorker" in process.name() or any("MapWorker" in word for word in process.cmdline()):
                actors.append(process)
    if actors:
        actors[number % len(actors)].send_signal(signal.SIGKILL)


@contextmanager
def when(
    folder: Path, count: int, act: Callable[[], Any], *, pattern: str = "*.jpg"
) -> Iterator[threading.Event]:
    """Do something, once, as soon as so many files are in a folder; yield whether it was done."""
    acted, over = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.is_set():
            if sum(1 for file in folder.rglob(pattern) if not file.name.startswith(".")) >= count:
                act()
                acted.set()
                return
            time.sleep(0.05)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield acted
    over.set()
    thread.join()
