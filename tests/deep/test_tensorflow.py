"""tensorflow and torch each bring an LLVM: torch's optimizers crash a process that has imported tensorflow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_batches_for_keras() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(Path(__file__).parent / "keras_checks.py"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
    assert "7 passed" in done.stdout
