import pytest

from scr.model.labels import Label, coefficient_in_words

LABELS = {
    "sex": Label("Sex", levels={"M": "males"}),
    "forest": Label("Forest cover", "%"),
    "session": Label("Year"),
}


@pytest.mark.parametrize(
    ("coefficient", "words"),
    [
        ("sigma.Intercept", "Scale of movement (sigma): intercept"),
        ("density.forest", "Density: Forest cover (%)"),
        ("density.slope", "Density: slope"),
        ("lambda0.C(sex)[T.M]", "Detection rate (lambda0): Sex, males"),
        ("g0.session[T.2024:a]", "Detection probability (g0): Year, 2024:a"),
        ("share.session[2023]", "Share of the second class (share): Year, 2023"),
        ("sigma.forest:sex[T.F]", "Scale of movement (sigma): Forest cover (%) × Sex, F"),
        ("density.I(forest ** 2)", "Density: I(forest ** 2)"),
        ("density.poly(forest, 2)[1]", "Density: poly(forest, 2)[1]"),
    ],
)
def test_coefficient_in_words__parameter_covariate_level_and_unit(coefficient, words):
    assert coefficient_in_words(coefficient, LABELS) == words
