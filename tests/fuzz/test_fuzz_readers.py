"""The short run of the fuzzer; ``fuzz_readers.py`` itself runs as long as one likes."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "fuzz_readers.py"
N_INPUTS = 150


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_readers__wrong_input_of_every_kind_gives_a_result_or_an_error_of_ours():
    done = run("--seed", "1", "--inputs", str(N_INPUTS))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{N_INPUTS} inputs" in done.stdout
    assert "0 failures" in done.stdout


@pytest.mark.parametrize(("reader", "n_inputs"), [("scr check", 20), ("plan", 40)])
def test_readers__wrong_configurations_end_with_a_verdict_in_words(reader, n_inputs):
    done = run("--seed", "5", "--inputs", str(n_inputs), "--reader", reader)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{n_inputs} inputs" in done.stdout
