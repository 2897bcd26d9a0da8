"""Log-likelihoods recorded for simulated surveys, one model for each feature of the engine."""

import pytest
from breadth import FOLDERS, SEARCHES, recorded_in

N_MODELS = {
    "proximity": 37, "multi": 36, "removed": 21, "poisson_count": 21, "mixed": 1, "sessions": 4,
    "polygon": 5, "polygonX": 5, "transect": 2, "transectX": 2, "telemetry_independent": 2,
    "telemetry_concurrent": 2, "telemetry_dependent": 2,
}  # fmt: skip
"""Folders, and how many models they have: 140."""


@pytest.mark.parametrize("name", FOLDERS)
def test_log_likelihood__equals_the_points_recorded_for_each_feature(reference, name):
    n_models = 0
    for model in recorded_in(reference / "breadth" / name):
        n_models += 1
        assert len(model.points) == 3
        for difference, recorded in model.differences():
            within = 1e-4 if name in SEARCHES else 1e-9 * abs(recorded)
            assert abs(difference) <= within, (name, model.label)
    assert n_models == N_MODELS[name]
