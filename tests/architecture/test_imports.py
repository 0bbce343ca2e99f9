"""The layers hold: the contracts stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
