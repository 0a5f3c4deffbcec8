from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_samples import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench.at(tmp_path)
    yield bench
    bench.close()
