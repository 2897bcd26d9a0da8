"""The short run of the fuzzer; ``fuzz_readers.py`` itself runs as long as one likes."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent / "fuzz_readers.py"
N_INPUTS = 280


def test_readers__wrong_input_of_every_kind_gives_a_result_or_an_error_of_ours():
    command = [sys.executable, str(SCRIPT), "--seed", "1", "--inputs", str(N_INPUTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{N_INPUTS} inputs" in done.stdout
    assert "0 failures" in done.stdout
