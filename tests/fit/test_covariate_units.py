"""The unit of a covariate does not matter: the recorded study, and a part of it again."""

import pandas as pd
import pytest
from covariate_units import FIRST, PAGE, RESULTS, SEEDS, page, study

OTHER_SEED = "scaled, another seed of the fit"


def largest_moves(table):
    return table.groupby("unit")["largest_move_of_log_density"].max().drop(FIRST)


@pytest.mark.slow
def test_study__of_a_survey_never_recorded_gives_one_surface_in_all_units():
    moves = largest_moves(study(range(501, 504)))
    assert moves.drop(OTHER_SEED).max() < 1e-6


def test_page__shows_the_recorded_study_and_units_do_not_matter_in_it():
    results = pd.read_csv(RESULTS)
    assert PAGE.read_text(encoding="utf-8") == page(results)
    laplace, nuts = (results[results["engine"] == name] for name in ("laplace", "nuts"))
    assert set(laplace["survey"]) == set(SEEDS)
    moves = largest_moves(laplace)
    assert moves.drop(OTHER_SEED).max() < 1e-6 < moves[OTHER_SEED]
    moves = largest_moves(nuts)
    assert moves.drop(OTHER_SEED).max() < moves[OTHER_SEED]
    # A slope of 1 per standard deviation, within three standard errors.
    slope = laplace.loc[laplace["unit"] == FIRST, "slope"]
    assert abs(slope.mean() - 1) < 3 * slope.std() / len(slope) ** 0.5
