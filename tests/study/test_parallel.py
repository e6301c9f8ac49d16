"""Many computations give the same answers on one core, on two, and on a dask cluster of two workers."""

from __future__ import annotations

import joblib
import numpy as np
import pytest

from kpi_research.study.parallel import map_tasks


def mean_of_draws(task: tuple[int, int]) -> float:
    return float(np.random.default_rng(task).normal(size=1000).mean())


TASKS = [(7, number) for number in range(24)]


@pytest.fixture(scope="module")
def alone() -> list[float]:
    return map_tasks(mean_of_draws, TASKS, jobs=1)


def test_two_processes_give_the_same_in_the_same_order(alone: list[float]) -> None:
    seen: list[int] = []
    assert map_tasks(np.abs, [-3, 2, -1], jobs=2, progress=seen.append) == [3, 2, 1]
    assert seen == [1, 2, 3]
    assert alone == [mean_of_draws(task) for task in TASKS]


def test_two_dask_workers_give_the_same(alone: list[float]) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config("dask"),
    ):
        assert map_tasks(np.sum, [(1, 2), (3, 4)]) == [3, 7]
        answers = map_tasks(_draws_anywhere(), TASKS)
    assert answers == alone


def _draws_anywhere():
    def draw(task: tuple[int, int]) -> float:
        import numpy

        return float(numpy.random.default_rng(task).normal(size=1000).mean())

    return draw


def test_an_error_of_a_task_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        map_tasks(lambda value: 1 / value, [1, 0], jobs=2)
