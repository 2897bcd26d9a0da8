"""Expected and realised N that secr recorded for leopard_like (region.N), in tests/golden."""

import json

import pytest
from recorded_figures import recorded_models
from reference_surveys import GOLDEN, read_reference

import scr

MODELS = {model.label: model for model in recorded_models("leopard_like", root=GOLDEN)}
RECORD = json.loads((GOLDEN / "leopard_like" / "secr_reference.json").read_text(encoding="utf-8"))
NUMBERS = {
    entry["label"]: {row["_row"]: row for row in entry["N"]}
    for entry in RECORD["general"]
    if entry["label"] in MODELS
}


@pytest.fixture(params=sorted(NUMBERS))
def both(request):
    """Our table and the recorded numbers of one model."""
    model = MODELS[request.param]
    survey, mask = read_reference(model.survey, root=GOLDEN)
    fit = scr.fit_mle(survey, mask, model.spec, progress=False)
    return scr.abundance(fit).set_index("estimand"), NUMBERS[request.param]


def test_abundance__equals_recorded_expected_and_realised_number(both):
    table, recorded = both
    for ours, theirs in (("expected N", "E.N"), ("realised N", "R.N")):
        row, record = table.loc[ours], recorded[theirs]
        assert row["median"] == pytest.approx(record["estimate"], rel=1e-3)
        # The other program's sd of expected N is that of a log-normal variable, or the delta
        # method's, by the model; ours is always the delta method's.
        assert row["sd"] == pytest.approx(record["SE.estimate"], rel=0.025)
        # Limits of realised N are those of whole animals drawn with coefficients from the
        # likelihood; the other program's are log-normal, and never hold the number detected.
        near = {"expected N": 0.03, "realised N": 0.12}[ours]
        assert row["lower"] == pytest.approx(record["lcl"], rel=near)
        assert row["upper"] == pytest.approx(record["ucl"], rel=near)
