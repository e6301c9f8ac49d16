"""Many independent computations: on the cores of this machine, or on a cluster through joblib's dask backend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import joblib
from threadpoolctl import threadpool_limits

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def map_tasks(
    function: Callable[[Task], Answer],
    tasks: Iterable[Task],
    *,
    jobs: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Answer]:
    """Apply a function to many tasks, in the order of the tasks whatever the order in which they finish.

    Runs on joblib, so the caller chooses where: processes of this machine by default, or a cluster inside
    ``with joblib.parallel_config("dask"):`` once a `distributed.Client` is connected (extra ``cluster``). Each task
    uses one thread of linear algebra; small matrices lose many times over to threads that wait for each other. A task
    that draws random numbers carries its own seed, so results do not depend on where or how many run at once.

    Parameters
    ----------
    function : callable
        A function of one task; it must be importable by the workers.
    tasks : iterable
        The tasks.
    jobs : int, optional
        Workers; default is one per core, or as many as the cluster has.
    progress : callable, optional
        Called with the number of finished tasks after each one.

    Returns
    -------
    list
        ``function(task)`` for each task, in order.

    Examples
    --------
    >>> map_tasks(abs, [-2, 3], jobs=1)
    [2, 3]
    """
    answers: Iterator[Answer] = joblib.Parallel(
        n_jobs=jobs if jobs is not None else _default_jobs(), return_as="generator"
    )(joblib.delayed(_single_threaded)(function, task) for task in tasks)
    done = []
    for number, answer in enumerate(answers, 1):
        done.append(answer)
        if progress is not None:
            progress(number)
    return done


def _default_jobs() -> int:
    return int(joblib.cpu_count())


def _single_threaded(function: Callable[[Any], Any], task: Any) -> Any:
    with threadpool_limits(1):
        return function(task)
