"""Formulas as an attacker would write them, and as a user would."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import BSpline

import scr
from scr.errors import FormulaError
from scr.model.formula import make_terms, variables

CODE = "__import__('pathlib').Path('{0}').touch()"


@pytest.fixture
def table():
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "elev": rng.integers(500, 900, 40),
            "forest": rng.random(40),
            "tree cover": rng.random(40) + 1,
            "a.b": rng.random(40),
            "log": rng.random(40) + 1,
            "class": rng.random(40) + 1,
            "Höhe": rng.random(40),
            "land": np.resize(["bog", "fell", "wood"], 40),
            "year": np.resize([2023, 2024], 40),
        }
    )


ATTACKS = [
    "~ I(forest + 0*{code})",
    "~ {code}",
    "~ {{{code}}}",
    "~ ({code})(forest)",
    "~ log({code})(forest)",
    "~ scale(forest, center={code})",
    "~ scale(forest, _state={code})",
    "~ poly(forest, degree={code})",
    "~ bs(forest, knots=[{code}])",
    "~ C(land, levels=[{code} for x in land])",
    "~ C(land, Treatment({code}))",
    "~ I(forest[{code}])",
    "~ I((lambda: {code})())",
    "~ I((x := {code}))",
    "~ I(f'{{{code}}}')",
    "~ I(forest if {code} else 1)",
    "~ np.load(forest)",
    "~ forest + `{code}`(forest)",
    "~ log(`a`+{code}+`b`)",
    "~ I('`' + {code} + '`')",
    '~ Q("{code}")',
    "~ C(land, Treatment(')')) + {code}",
    "~ forest | {code}",
    "{code} ~ forest",
    "~ forest %in% {code}",
    "~ forest # {code}",
    "~ I(forest)\n{code}",
    "~ I(().__class__.__base__.__subclasses__()[0]({code}))",
    "~ I(forest.apply({code}))",
    "~ exec({code})",
    "~ lag(forest, {code})",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_make_terms__runs_nothing_that_a_formula_says(attack, table, tmp_path):
    mark = tmp_path / "mark"
    formula = attack.format(code=CODE.format(mark))

    with pytest.raises(FormulaError):
        variables(formula, "density")
    with pytest.raises(FormulaError):
        make_terms(formula, "density", table)
    with pytest.raises(FormulaError):
        scr.ModelSpec(density=formula)

    assert not mark.exists()


def test_make_terms__runs_nothing_that_the_name_of_a_column_says(table, tmp_path):
    mark = tmp_path / "mark"
    name = CODE.format(mark)
    table = table.assign(**{name: table["forest"]})

    terms = make_terms(f"~ `{name}` + I(`{name}`**2)", "density", table)

    assert terms.names == ("Intercept", name, f"I({name} ** 2)")
    np.testing.assert_allclose(terms.columns[:, 2], table["forest"] ** 2)
    assert not mark.exists()


EXPLODING = [
    "~ I(9**9**9**9)",
    "~ I(forest**9**9**9)",
    "~ I(((forest**10)**10)**99)",
    "~ I('a'*10**9)",
    "~ poly(forest, 100000000)",
    "~ bs(forest, df=1000000000)",
    "~ bs(forest, knots=[" + ",".join("1" * 60) + "])",
    "~ " + "*".join(f"x{i}" for i in range(40)),
    "~ (" + "+".join(f"x{i}" for i in range(40)) + ")**4",
    "~ ((a+b+c)**4)**4",
    "~ a:b:c:d:e:f:g",
    "~ I(" + "(" * 250 + "forest" + ")" * 250 + ")",
    "~ " + "(" * 150 + "forest",
    "~ I(" + "-" * 300 + "forest)",
    "~ " + "log(" * 100 + "forest" + ")" * 100,
    "~ I(" + "+".join(["forest"] * 150) + ")",
    "~ forest" + "+forest" * 150_000,
    "~ " + "x" * 1_000_000,
    "~ forest**1000000",
    "~ I(forest + " + "9" * 1500 + ")",
    "~ I(1e999 * forest)",
]


@pytest.mark.parametrize("formula", EXPLODING, ids=range(len(EXPLODING)))
def test_make_terms__refuses_at_once_what_would_take_all_memory(formula, table):
    start = time.perf_counter()
    with pytest.raises(FormulaError) as error:
        make_terms(formula, "density", table)

    assert time.perf_counter() - start < 2
    assert len(str(error.value)) < 1500


def test_make_terms__refuses_a_factor_with_a_thousand_levels():
    table = pd.DataFrame({"elev": np.arange(1000.0) ** 1.1, "forest": np.arange(1000.0)})

    with pytest.raises(FormulaError, match="elev has 1,000 different values"):
        make_terms("~ C(elev):forest", "density", table)


def test_make_terms__powers_of_whole_numbers_do_not_pass_the_largest(table):
    values = np.array([50_000, 60_000, 70_001, 80_000], dtype=np.int32)

    terms = make_terms("~ I(elev**4)", "density", pd.DataFrame({"elev": values}))

    assert terms.columns[:, 1].tolist() == [float(int(value) ** 4) for value in values]


WRITTEN = {
    "~ I(elev**2)": lambda t: t["elev"].astype(float) ** 2,
    "~ I((elev - 700) / 100)": lambda t: (t["elev"] - 700) / 100,
    "~ I(-elev + 2*forest)": lambda t: -t["elev"] + 2 * t["forest"],
    "~ I(elev > 700)": lambda t: t["elev"] > 700,
    "~ I(land == 'bog')": lambda t: t["land"] == "bog",
    "~ log(`tree cover`)": lambda t: np.log(t["tree cover"]),
    "~ `tree cover`": lambda t: t["tree cover"],
    "~ a.b": lambda t: t["a.b"],
    "~ sqrt(a.b)": lambda t: np.sqrt(t["a.b"]),
    "~ log(log)": lambda t: np.log(t["log"]),
    "~ log": lambda t: t["log"],
    "~ sqrt(class)": lambda t: np.sqrt(t["class"]),
    "~ Höhe": lambda t: t["Höhe"],
    "~ exp(Höhe)": lambda t: np.exp(t["Höhe"]),
    "~ abs(-forest)": lambda t: t["forest"],
    "~ center(elev)": lambda t: t["elev"] - t["elev"].mean(),
    "~ scale(elev)": lambda t: (t["elev"] - t["elev"].mean()) / t["elev"].std(ddof=1),
    "~ scale(elev, center=700, scale=False)": lambda t: t["elev"] - 700,
    "~ C(year)": lambda t: t["year"] == 2024,
    "~ log (forest)": lambda t: np.log(t["forest"]),
}


@pytest.mark.parametrize("formula", WRITTEN)
def test_make_terms__gives_what_the_formula_says(formula, table):
    terms = make_terms(formula, "density", table)

    np.testing.assert_allclose(terms.columns[:, 1], WRITTEN[formula](table), rtol=1e-12)
    np.testing.assert_array_equal(terms.on(table[5:9]), terms.columns[5:9])


@pytest.mark.parametrize("written", ['Treatment("fell")', "contr.treatment(base='fell')"])
def test_make_terms__takes_the_reference_level(written, table):
    terms = make_terms(f"~ C(land, {written})", "density", table)

    assert [name.split("[")[-1] for name in terms.names] == ["Intercept", "T.bog]", "T.wood]"]
    np.testing.assert_array_equal(terms.columns[:, 1], table["land"] == "bog")


def test_make_terms__spline_spans_cubics_and_says_where_it_ends(table):
    terms = make_terms("~ bs(forest, df=4)", "density", table)

    low, high, middle = table["forest"].min(), table["forest"].max(), table["forest"].median()
    knots = [*[low] * 4, middle, *[high] * 4]
    wanted = BSpline.design_matrix(np.clip(table["forest"], low, high - 1e-12), knots, 3).toarray()
    np.testing.assert_allclose(terms.columns[:, 1:], wanted[:, 1:], atol=1e-9)
    with pytest.raises(FormulaError, match='extrapolation="clip"'):
        terms.on(table.assign(forest=2.0))
    clipped = make_terms('~ bs(forest, df=4, extrapolation="clip")', "density", table)
    assert clipped.on(table.assign(forest=2.0)).shape == (40, 5)


SAID = {
    "~ I(elev^2)": r"write I\(elev\*\*2\), or poly\(elev, 2\)",
    "~ elev^2": r"Write I\(elevation\*\*2\), or poly\(elevation, 2\)",
    "~ elev**2": r"Write I\(elevation\*\*2\), or poly\(elevation, 2\)",
    "~ (elev)^2": r"Write I\(elevation\*\*2\)",
    "~ poly(elev, 2)^2": r"Write I\(elevation\*\*2\)",
    "~ te(elev, forest)": r"write s\(elev\), or s\(elev, y\) of two covariates",
    "~ factor(land)": r"write C\(land\) instead",
    "~ ns(elev, 3)": r"write bs\(elev, df=4\)",
    "~ np.log(elev)": r"write log\(elev\) instead",
    "~ offset(elev)": "offsets are not fitted yet",
    "~ tree cover": "in backticks: `tree cover`",
    "~ tree.cover": "Write `tree cover` if that is meant",
    "~ tree-cover": "Write `tree cover` if that is meant",
    "~ forrest": "Write forest if that is meant",
    "~ b": "b stands for what changes within a session",
    "~ Bkc": "not fitted yet: leave it out",
    "~ B + forest": "B stands for what changes within a session",
    "~ t": "for the formulas of lambda0 or g0, sigma and z",
    "~ tcov": "a covariate of occasions: write its own name",
    "~ Session": "write year, or session for one value each",
    "~ 2*elev": r"write I\(2 \* elevation\)",
    "~ {elev + 1}": r"Write I\(...\) around arithmetic",
    "~ .": "name the covariates one by one",
    "~ elev % 2": "has '%'",
    "~ C(land, 'fell')": r'Treatment\("F"\)',
    "~ log(elev": "opens a bracket after log and does not close it",
    "~ elev +": "cannot be read",
    "elev ~ forest": "needs a right side alone",
    "": "is empty",
    "~": "is empty",
    "~ foo(elev)": r"calls foo\(\), which is not a function of formulas. These are: abs, bs, C,",
}


@pytest.mark.parametrize("formula", SAID)
def test_make_terms__says_what_to_write(formula, table):
    with pytest.raises(FormulaError, match=SAID[formula]) as error:
        make_terms(formula, "lambda0", table)

    assert "\x1b" not in str(error.value)
    assert "formula of lambda0" in str(error.value)


@pytest.mark.parametrize(
    "written", ["I(elev**2)", "poly(elev, 2)", "bs(elev, df=4)", "C(land)", "`tree cover`"]
)
def test_make_terms__takes_what_the_messages_tell_to_write(written, table):
    assert make_terms(f"~ {written}", "density", table).columns.shape[1] > 1


def test_make_terms__a_covariate_called_b_or_t_is_one():
    table = pd.DataFrame({"b": [1.0, 2.0, 4.0], "t": [3.0, 1.0, 1.5]})

    assert make_terms("~ b + t", "lambda0", table).names == ("Intercept", "b", "t")


def test_model_spec__takes_functions_of_the_caller(table):
    def northness(aspect):
        return np.cos(np.radians(aspect))

    functions = {"northness": northness}
    terms = make_terms("~ scale(northness(elev))", "density", table, functions=functions)

    raw = np.cos(np.radians(table["elev"]))
    np.testing.assert_allclose(terms.columns[:, 1], (raw - raw.mean()) / raw.std(ddof=1))
    spec = scr.ModelSpec(density="~ northness(elev)", transforms=functions)
    assert spec.variables("density") == {"elev"}
    with pytest.raises(FormulaError, match=r"calls northness\(\)"):
        scr.ModelSpec(density="~ northness(elev)")


@pytest.mark.parametrize("name", ["log", "__import__", "a b", "lambda", "np.log", ""])
def test_model_spec__refuses_names_that_functions_cannot_have(name):
    with pytest.raises(FormulaError, match="cannot be the name of a function"):
        scr.ModelSpec(transforms={name: np.log})


def test_model_spec__refuses_what_is_no_function():
    with pytest.raises(FormulaError, match="Give a function"):
        scr.ModelSpec(transforms={"f": "os.system"})
