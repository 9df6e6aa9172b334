"""A pool of a Ray cluster's actors, fed by Ray Data: one for each GPU, or for each core."""

import logging
import os
import pickle
import socket
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from types import ModuleType
from typing import Any

from fastst.cluster.pools import Items, Work, done, listed, unbroken
from fastst.errors import FaststError, UsageError

AUTO = "auto"
# Ray's store of objects holds names here, never pictures.
_STORE_BYTES = 128 * 2**20
_ANSWER_SECONDS = 10.0
_MOST_STARTS = 100
# A GPU is fed by so many threads at most, which read and write pictures meanwhile.
_MOST_THREADS = 16
# Every death of a worker would be told on the terminal, in many lines.
_QUIET = {"RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


@contextmanager
def ray_pool(address: str, *, device: str | None = None) -> Iterator["RayPool"]:
    """Yield a pool of all that a Ray cluster has.

    Args:
        address: of the cluster's head, such as 10.0.0.1:6379, or "auto": the one that runs on this machine,
            else one of this machine alone, which ends with the block.
        device: "cpu" leaves GPUs alone.

    Raises:
        UsageError: if Ray is not installed.
        FaststError: if the cluster does not answer.
    """
    ray = _ray()
    is_ours = not ray.is_initialized()
    if is_ours:
        _connect(ray, address)
    try:
        yield RayPool(ray, takes_gpus=device is None or device.startswith("cuda"))
    finally:
        if is_ours:
            ray.shutdown()


def _ray() -> ModuleType:
    # Before it is imported, as is what keeps it from reporting; see ``fastst.runtime``.
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise UsageError("--cluster needs Ray; pip install 'fastst[cluster]'") from error
    return ray


def _connect(ray: ModuleType, address: str) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == AUTO:
        with suppress(ConnectionError):
            ray.init(address=AUTO, **quiet)
            return
        # By this address nobody from outside can reach it, and nobody outside is asked what ours is.
        ray.init(
            address="local",
            include_dashboard=False,
            object_store_memory=_STORE_BYTES,
            _node_ip_address="127.0.0.1",
            **quiet,
        )
        return
    _check_answers(address)
    try:
        ray.init(address=address, **quiet)
    except Exception as error:  # gRPC and Ray have exceptions of their own
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise FaststError(
            f"{address}: no Ray cluster answers there ({reason}); see `ray status`, or give auto"
        ) from error


def _check_answers(address: str) -> None:
    """Refuse an address at which nobody is, for which Ray itself would wait for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_SECONDS):
            pass
    except ValueError as error:
        raise UsageError(
            f"{address}: is no cluster's address; give auto, or one such as 10.0.0.1:6379"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise FaststError(
            f"{address}: no Ray cluster answers there ({reason}); check it, or give auto"
        ) from error


class RayPool:
    """A pool of actors; see ``WorkerPool``.

    Args:
        ray: the module, connected.
        takes_gpus: whether GPUs are used where there are some.
    """

    def __init__(self, ray: ModuleType, *, takes_gpus: bool) -> None:
        self._ray = ray
        self._takes_gpus = takes_gpus
        self._has_given_up = False

    @property
    def size(self) -> int:
        """How many items are worked on at a time."""
        actors, threads, _ = self._shape()
        return actors * threads

    @property
    def per_machine(self) -> int:
        """How many actors there are at most on one machine."""
        kind = "GPU" if "num_gpus" in self._shape()[2] else "CPU"
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        return max(int(max(node.get(kind, 0) for node in nodes)), 1)

    def _shape(self) -> tuple[int, int, dict[str, int]]:
        """Return how many actors there can be now, with how many threads, and what each takes."""
        resources = self._ray.cluster_resources()
        cores, gpus = int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
        if not gpus or not self._takes_gpus:
            return max(cores, 1), 1, {"num_cpus": 1}
        threads = max(1, min(cores // gpus, _MOST_THREADS))
        return gpus, threads, {"num_gpus": 1, "num_cpus": threads}

    def results(
        self, work: Work, items: Items, *, together: int = 1, carefully: bool = False
    ) -> Iterator[Any]:
        """Yield what comes of the items; see ``WorkerPool``."""
        data = self._ray.data
        actors, threads, each = self._shape()
        if carefully:
            actors, threads, together = 1, 1, 1
        with data.DataContext.current(_quiet_context(data)), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # for max_task_retries there is no other way yet
            results = self._listing(items, max(together, threads)).map_batches(
                Actor,
                # In a list, for Ray would otherwise send the work itself, which may be too large for that.
                fn_constructor_args=([self._ray.put(work)], threads),
                batch_size=None,
                batch_format="pyarrow",
                compute=data.ActorPoolStrategy(size=actors),
                # What was lost is asked for again, when it is known which machines are left.
                max_task_retries=0,
                **each,
            )
        try:
            for batch in results.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
                for packed in batch["packed"].to_pylist():
                    yield unbroken(pickle.loads(packed))
        except self._ray.exceptions.RayError as error:
            # Such as actors that none of the machines could start in time; what is lost is asked for again.
            if self._has_given_up:
                reason = (str(error).splitlines() or [type(error).__name__])[0]
                raise FaststError(
                    f"Ray gave up twice ({reason}); run the same command again to go on with the rest"
                ) from error
            self._has_given_up = True

    def _listing(self, items: Items, together: int) -> Any:
        from fastst.cluster.ray_listing import Listing

        return self._ray.data.read_datasource(
            Listing(partial(_groups, items, together)),
            override_num_blocks=1,
            num_cpus=0,  # every core may have an actor
            # Where the caller is: listed again after a loss, what is done by then would be missing.
            label_selector={"ray.io/node-id": self._ray.get_runtime_context().get_node_id()},
        )


def _quiet_context(data: ModuleType) -> Any:
    for name in ("ray.data", "ray"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context = data.DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    # Of what dies with an actor the others are not to die.
    context.max_errored_blocks = -1
    # On a cluster that is busy, actors are called off before they have begun, and asked for anew.
    context.max_consecutive_actor_init_deaths = _MOST_STARTS
    # Blocks stay as they are listed, and are listed only as they are needed.
    context.target_max_block_size = 1
    return context


def _groups(items: Items, together: int) -> Iterator[list[bytes]]:
    packed = (pickle.dumps(item) for item in listed(items))
    while group := list(islice(packed, together)):
        yield group


class Actor:
    """What Ray Data keeps in each process: the work, made ready with the first item."""

    def __init__(self, work: list[Any], threads: int) -> None:
        self._work = work
        self._begun: Callable[[Any], Any] | None = None
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def __call__(self, batch: Any) -> Any:
        """Do the items of a batch: a table of them packed, to a table of results."""
        import pyarrow

        items = [pickle.loads(packed) for packed in batch["packed"].to_pylist()]
        do = partial(done, self._do)
        results = list(map(do, items) if self._pool is None else self._pool.map(do, items))
        return pyarrow.table({"packed": [pickle.dumps(result) for result in results]})

    def _do(self, item: Any) -> Any:
        if self._begun is None:
            import ray

            work: Work = ray.get(self._work[0])
            self._begun = work.begin()
        return self._begun(item)
