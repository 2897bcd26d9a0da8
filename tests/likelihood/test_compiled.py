"""What is compiled: kept by the state of the source, without promised options, or not at all."""

import os
import pickle
import subprocess
import sys

import pytest

from scr.likelihood.kernel import compiled
from scr.likelihood.kernel.shapes import SHAPES, TYPES, shape_of

VALUE = """
import numpy as np
from scr.likelihood.kernel.arrays import Cells
from scr.likelihood.kernel.pairs import add, product
from scr.likelihood.kernel.undetected import sum_detected
a, b = np.arange(4.0), np.full(4, 0.5)
add(2.0, a, b)
print(product(a, b), sum_detected(0.5, a, b, np.zeros(4), np.zeros(4)))
"""
WITHOUT_PRIVATE_OPTIONS = """
import numba, numba.core.options
del numba.core.options.DefaultOptions
plain = numba.njit
def njit(*arguments, **options):
    assert not {"_nrt", "no_cfunc_wrapper"} & set(options)
    return plain(*arguments, **options)
numba.njit = njit
"""
WHOLE = """
import numpy as np
import scr
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session
from scr.survey.usage import Usage
traps = scr.Traps(names=["a", "b", "c"], xy=np.array([[0.0, 0], [900, 0], [0, 900]]), crs="local")
survey = scr.Survey([Session("s", traps, Usage(np.ones((3, 3))), CaptureHistory(
    individuals=["i", "j"], individual=[0, 0, 1], occasion=[0, 1, 1], trap=[0, 1, 2],
    count=[1, 1, 1]))])
mask = scr.build_mask(traps, buffer=1500, spacing=500)
for family, name in (("hazard_half_normal", "lambda0"), ("hazard_rate", "g0")):
    spec = scr.ModelSpec(detection=family)
    values = {n: {"density": 0.1, name: -2.0, "sigma": 6.5, "z": 1.1}[n.split(".")[0]]
              for n in spec.coefficient_names(survey, mask)}
    print(scr.log_likelihood(survey, mask, spec, coefficients=values))
"""


def printed(code, **environment):
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(number) for number in run.stdout.split()]


def test_the_kernel_runs_without_what_numba_does_not_promise(tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    found = printed(WITHOUT_PRIVATE_OPTIONS + VALUE, **cache)
    assert found == pytest.approx(printed(VALUE), rel=1e-14)


def test_the_kernel_runs_without_compilation():
    assert printed(WHOLE, NUMBA_DISABLE_JIT="1") == pytest.approx(printed(WHOLE), rel=1e-12)


def test_accepted__leaves_out_what_the_installed_numba_does_not_know():
    assert compiled.accepted(no_such_option=True, nogil=True) == {"nogil": True}


def test_compiled_code_has_a_folder_for_each_state_of_the_source(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled.config, "CACHE_DIR", str(tmp_path))
    one = compiled._cache_folder()
    monkeypatch.setattr(compiled, "_stamp", lambda: "another")
    two = compiled._cache_folder()
    assert one != two
    assert {one.parent, two.parent} == {tmp_path}


def test_where_no_folder_can_be_written_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(compiled.config, "CACHE_DIR", str(tmp_path / "file"))
    assert compiled._cache_folder() is None


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_compiled_for_a_shape_is_found_by_other_processes(name):
    # Numba keeps the types of arguments as pickles, and looks what it kept up by them.
    found = pickle.loads(pickle.dumps(shape_of(name)))
    assert type(found) is TYPES[name]
