"""What the data cannot bear: said by ``scr check`` before anything is fitted."""

import numpy as np
import pytest

import scr
from scr.errors import FitError

SEEN = "detections.csv"


def few_animals(good):
    table = good.table(SEEN)
    good.save(SEEN, table[table["individual"].isin(["L01", "L02", "L03"])])


def no_recaptures(good):
    table = good.table(SEEN)
    good.save(SEEN, table.drop_duplicates("individual"))


def never_moved(good):
    table = good.table(SEEN)
    first = table.drop_duplicates("individual").set_index("individual")["station"]
    table["station"] = table["individual"].map(first)
    good.save(SEEN, table[table["station"] != "K03"])


def one_female(good):
    table = good.table(SEEN)
    good.save(SEEN, table.assign(sex=np.where(table["individual"] == "L01", "F", "M")))


def spread(factor):
    """Stations nearer to each other or further apart, with the mask and layers that suit them."""

    def seed(good):
        places = good.table("stations.csv")
        for column, start in (("x", 680_000), ("y", 4_770_000)):
            moved = start + 4000 + (places[column].astype(int) - start - 4000) * factor
            places[column] = moved.round().astype(int).astype(str)
        good.save("stations.csv", places)
        good.replace("survey.toml", "~ forest", "~ 1")
        good.replace("survey.toml", 'forest = { raster = "forest.tif" }\n', "")
        good.replace("survey.toml", 'reserve = "reserve.geojson"\n', "")

    return seed


def sparse_array(good):
    """Stations twelve kilometres apart, of which an animal rarely sees a second one."""
    never_moved(good)
    spread(6)(good)
    table = good.table(SEEN)
    last = table.drop_duplicates("individual", keep="last").index[:6]
    number = table["station"][last].str[1:].astype(int)
    table.loc[last, "station"] = [f"K{k + (1 if k % 5 else -1):02d}" for k in number]
    good.save(SEEN, table[table["station"] != "K03"])


def small_array(good):
    """Four stations in a corner, between which animals move as they did."""
    good.save("stations.csv", good.table("stations.csv").iloc[[0, 1, 5, 6]])
    for name in (SEEN, "deployments.csv"):
        table = good.table(name)
        good.save(name, table[table["station"].isin(["K01", "K02", "K06", "K07"])])


def mask(old, new):
    return lambda good: good.replace("survey.toml", old, new)


KINDS = {
    "few animals": (few_animals, ("few data", "3 animals with 15 recaptures", "20 recaptures")),
    "no recaptures": (no_recaptures, ("few data", "14 animals with 0 recaptures")),
    "no animal at two stations": (never_moved, ("few data", "0 of them at two stations")),
    "few of a sex": (one_female, ("few of a sex", "1 animal of sex 'F'", "Take sex out")),
    "an array too small": (small_array, ("array too small", "home range", "Spread")),
    "an array too sparse": (sparse_array, ("array too sparse", "12 km apart", "1.5 to 2 sigma")),
    "a buffer too narrow": (
        mask("buffer = 9_000", "buffer = 1_500"),
        ("mask too narrow", "too high, by", "%", "buffer of"),
    ),
    "cells too coarse": (
        mask("spacing = 1_000", "spacing = 3_000"),
        ("mask too coarse", "3 km wide", "%", "Use cells of"),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_bearing__is_told_as_a_warning_with_its_size(name, good):
    seed, words = KINDS[name]
    seed(good)
    checked = good.checked()
    assert checked.exit_code == 0, checked.output
    assert [word for word in words if word not in checked.words] == [], checked.output


@pytest.mark.parametrize(("n", "words"), [(0, "no detection"), (1, "one detection")])
def test_bearing__nothing_is_fitted_from_nothing(good, n, words):
    good.save(SEEN, good.table(SEEN).iloc[:n])
    traps = scr.read_traps(good.path("stations.csv"), crs="EPSG:32652")
    survey = scr.read_survey(good.path(SEEN), traps, usage=good.path("deployments.csv"))
    with pytest.raises(FitError, match=words):
        scr.fit_mle(survey, scr.build_mask(traps, buffer=5000, spacing=1000), scr.ModelSpec())
