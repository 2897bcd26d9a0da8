"""Answers that rest on one record, on covariates never sampled or on few data are told so."""

import json
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.report.page import write_report

SEEN = "detections.csv"

pytestmark = pytest.mark.usefixtures("without_pictures")


def fitted(folder, name="survey.toml", engine="mle"):
    """``scr fit``, whatever it ends with; never a traceback."""
    run = CliRunner().invoke(app, ["fit", str(folder / name), "--engine", engine])
    assert run.exception is None or isinstance(run.exception, SystemExit), repr(run.exception)
    return run.exit_code, " ".join(run.output.split())


def told(survey, kind, *words):
    """A warning of a kind in ``scr check`` and, before anything is fitted, in ``scr fit``."""
    for output in (survey.checked(), survey.begun()):
        assert output.exit_code == 0, output.output
        for word in (kind, *words):
            assert word.casefold() in output.words.casefold(), (word, output.output)


def public_texts(folder):
    kinds = (".html", ".csv", ".json")
    return [p.read_text("utf-8") for p in (folder / "public").rglob("*") if p.suffix in kinds]


def test_one_huge_count__is_named_before_and_after_the_fit(troubled):
    survey = troubled("one-huge-count")
    found = survey.found()
    (doubt,) = [t for t in found.of("warning") if t.kind == "huge count"]
    assert doubt.rows == (2,)
    told(survey, "far more detections", "'A012'", "'T026'", "300", "row 2")
    code, output = fitted(survey.folder)
    assert code == 0
    # The truth is 2.5 km and 3 animals per 100 km2; with the record sigma is half of it.
    assert "Without animal 'A012' sigma would be 2.5" in output
    assert "count 300" in output
    report = survey.path("results/private/report.html").read_text("utf-8")
    assert "Without animal &#39;A012&#39; sigma would be 2.5" in report
    for text in public_texts(survey.path("results")):
        assert "A012" not in text
        assert "T026" not in text
    assert "Rests on one animal" in survey.path("results/public/report.html").read_text("utf-8")


def test_covariate_never_sampled__is_told_by_check_and_not_believed(troubled):
    survey = troubled("density-covariate-beyond-its-sampled-range")
    shutil.copyfile(survey.path("smooth.toml"), survey.path("survey.toml"))
    told(survey, "covariate not sampled", "elev", "% of that area", "within reach of the stations")
    with survey.path("survey.toml").open("a", encoding="utf-8") as file:
        file.write('[model.priors]\n"density.elev" = { mean = 0.0, sd = 0.5 }\n')
    code, output = fitted(survey.folder, engine="laplace")
    assert code == 3
    assert "These estimates cannot be believed" in output
    assert "Share of the expected animals" in output
    results = survey.path("out_smooth")
    for where in ("public", "private"):
        table = pd.read_csv(results / where / "abundance.csv")
        assert set(table["note"]) == {"NOT CREDIBLE: see the report"}
    assert set(pd.read_csv(results / "public" / "abundance.csv")["share_unsampled"]) == {
        "about 100 %"
    }
    assert pd.read_csv(results / "private" / "abundance.csv")["share_unsampled"].min() > 0.99
    facts = json.loads((results / "public" / "summary.json").read_text("utf-8"))
    assert {row["share_unsampled_jointly"] for row in facts["abundance"]} == {"about 100 %"}


@pytest.mark.parametrize(("name", "top"), [("artefact", "80"), ("smooth", "9")])
def test_covariate_never_sampled__animals_that_cannot_be_are_refused_in_words(troubled, name, top):
    survey = troubled("density-covariate-beyond-its-sampled-range")
    shutil.copyfile(survey.path(f"{name}.toml"), survey.path("survey.toml"))
    told(survey, "covariate not sampled", f"to {top}")
    code, output = fitted(survey.folder)
    assert code == 3
    assert "which cannot be. It follows from covariate values that were not sampled" in output
    assert "elev:" in output
    assert not survey.path(f"out_{name}/public/abundance.csv").exists()


@pytest.mark.parametrize(("name", "top"), [("artefact", 80), ("smooth", 9)])
def test_covariate_never_sampled__is_told_or_refused_in_python(troubled, name, top):
    folder = troubled("density-covariate-beyond-its-sampled-range")
    traps = scr.read_traps(folder.path("stations.csv"), crs="EPSG:32652")
    survey = scr.read_survey(folder.path("detections.csv"), traps, usage=folder.path("usage.csv"))
    mask = scr.build_mask(traps, buffer=140_000, spacing=2000, habitat=folder.path("hab.gpkg"))
    mask = scr.sample_raster(mask, folder.path(f"{name}.tif"), name="elev")
    assert mask.covariates["elev"].max() == pytest.approx(top, rel=0.05)
    fit = scr.fit_mle(survey, mask, scr.ModelSpec(density="~ elev"), check_mask=False)
    reserve = scr.read_reserve(folder.path("reserve.gpkg"), crs="EPSG:32652")
    with pytest.raises(scr.errors.FitError, match="covariate values that were not sampled"):
        scr.abundance(fit, region=reserve)


def ground(good, values):
    """The good survey with another raster of forest, 70 pixels of 500 m each way."""
    rows, columns = np.mgrid[0:70, 0:70]
    good.raster("forest.tif", np.asarray(values(rows, columns), dtype="float32"))


def test_covariate_never_sampled__a_lone_cell_of_a_smooth_raster(good):
    # Stations stand in columns 27 to 43 and rows 27 to 43; what is within 6 km of one is sampled.
    good.replace("survey.toml", "reserve = ", "# reserve = ")
    ground(good, lambda rows, columns: np.where((rows < 16) & (columns < 16), 40.0, columns / 70))
    told(good, "covariate not sampled", "forest", "40")


def test_covariate_never_sampled__a_raster_sampled_throughout_is_silent(good):
    assert "not sampled" not in good.checked().words


def test_covariate_never_sampled__coordinates_are_covariates_too(good):
    good.replace("survey.toml", 'density = "~ forest"', 'density = "~ x"')
    good.replace("survey.toml", "reserve = ", "# reserve = ")
    good.replace("survey.toml", 'forest = { raster = "forest.tif" }', "")
    good.replace("survey.toml", "buffer = 9_000", "buffer = 29_000")
    told(good, "covariate not sampled", "depends on x")


COUNTS = 'detector = "count"\nindependence = "0min"'


def two_huge(good):
    good.key("survey", COUNTS)
    good.set(SEEN, list(range(2, len(good.table(SEEN)) + 2)), count="1")
    good.set(SEEN, [5], count="250")
    good.set(SEEN, [9], count="120")


def many_rows(good):
    good.key("survey", COUNTS)
    table = good.table(SEEN)
    copies = table.iloc[[3] * 60].copy()
    copies["datetime"] = [f"{table['datetime'][3][:10]} 20:{m:02d}" for m in range(60)]
    good.save(SEEN, pd.concat([table, copies]))


@pytest.mark.parametrize(
    ("seed", "words"),
    [(two_huge, ("2 records count", "250", "120", "rows 5, 9")), (many_rows, ("1 record counts",))],
)
def test_huge_counts__in_every_form_are_named(good, seed, words):
    seed(good)
    told(good, "far more detections", *words)


def test_huge_counts__of_presence_alone_do_no_harm(good):
    two_huge(good)
    good.replace("survey.toml", COUNTS, "")
    assert "far more detections" not in good.checked().words


def few_animals(good):
    table = good.table(SEEN)
    good.save(SEEN, table[table["individual"].isin(["L01", "L02", "L03"])])
    good.replace("survey.toml", 'lambda0 = "~ sex"\n', "")


def test_few_data__stand_in_terminal_and_both_reports(good):
    few_animals(good)
    told(good, "few data", "3 animals with 15 recaptures")
    _, output = fitted(good.folder)
    assert "All checks passed" not in output
    for where in ("public", "private"):
        report = good.path(f"results/{where}/report.html").read_text("utf-8")
        assert "3 animals with 15 recaptures" in report
        assert "All checks that could be made were passed" not in report


def two_years(good):
    """The good survey in two years, in the second without sexes and without its last animals."""
    for name in ("stations.csv", "deployments.csv", SEEN):
        first, second = good.table(name), good.table(name)
        for column in ("start", "end", "problem1_from", "problem1_to", "datetime"):
            if column in second:
                second[column] = second[column].str.replace("2024", "2025")
        if name == SEEN:
            second["sex"] = ""
            second = second[second["individual"] <= "L10"]
        tables = [first.assign(session="2024"), second.assign(session="2025")]
        good.save(name, pd.concat(tables))


def test_two_years__an_animal_and_a_station_count_once(good):
    two_years(good)
    found = good.found()
    assert found.of("error") == [], found.text
    assert "'L01' (2025)" in found.text
    assert "is taken from another session that tells it" in found.text
    for session in found.survey.sessions:
        assert session.captures.covariates["sex"].notna().all()
    assert "14 in all sessions together, 10 of them in more than one" in good.checked().words
    assert "14 animals identified" in good.begun().words
    assert "25 stations" in good.begun().words
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        fit = scr.fit_mle(found.survey, found.mask, scr.ModelSpec(), check_mask=False)
        path = write_report(fit, good.path("report.html"), public=True)
    text = " ".join(path.read_text("utf-8").split())
    assert "Camera traps at 25 stations in 2 sessions" in text
    assert "14 animals were identified" in text
    assert "By sex: 7 F, 7 M." in text
    assert "<strong>14</strong> animals identified at all stations" in text


def test_two_years__two_sexes_of_one_animal_are_an_error(good):
    two_years(good)
    last = len(good.table(SEEN)) + 1
    table = good.table(SEEN)
    first = table["individual"].eq(table["individual"].iloc[-1]).idxmax()
    good.set(SEEN, [last], sex={"F": "M", "M": "F"}[table.loc[first, "sex"]])
    (trouble,) = good.found().of("error")
    assert trouble.kind == "two sexes"
    assert last in trouble.rows
    for output in (good.checked(), good.begun()):
        assert output.exit_code == 1
        assert "more than one sex" in output.words
