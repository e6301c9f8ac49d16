"""A real PostgreSQL server on loopback and a local Spark session, started for these tests only."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.requirements import require

BINARIES = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]


def _binary(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, BINARIES)]))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the address of a server that lives as long as the tests."""
    require("postgres", present=_binary("initdb") is not None and _has("adbc_driver_postgresql"))
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="kpi-research-postgres-"))
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    quiet = {"check": True, "capture_output": True, "user": user, "cwd": folder}
    subprocess.run(
        [_binary("initdb"), "-D", str(data), "-U", "study", "-A", "trust", "-E", "UTF8", "--locale=C"], **quiet
    )
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
    start = [_binary("pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=folder)
    yield f"postgresql://study@127.0.0.1:{port}/postgres"
    subprocess.run([_binary("pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], **quiet)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def spark() -> Iterator[None]:
    """Start a local Spark session with two threads."""
    require("spark", present=_has("pyspark") and shutil.which("java") is not None)
    os.environ["KPI_RESEARCH_SPARK_MASTER"] = "local[2]"
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    yield
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()


def _has(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None
