import tomllib

import pytest

from scr.checking.keys_in_words import as_keys


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("give nodata=-9999; or else", "nodata = -9999"),
        ("give nodata=1e+20.", "nodata = 1e+20"),
        ("give nodata=nan if", "nodata = nan"),
        ("give nodata=[-9999, nan] if", "nodata = [-9999, nan]"),
        ("give categorical=True for", "categorical = true"),
        ("or drop_outside=False.", "drop_outside = false"),
        ("give crs='EPSG:4326' and", 'crs = "EPSG:4326"'),
        ('read it with fill={"tree cover": "nearest"} or', 'fill = { "tree cover" = "nearest" }'),
        ('give fill="nearest", or', 'fill = "nearest"'),
        ('give crs="EPSG:32652".', 'crs = "EPSG:32652"'),
    ],
)
def test_as_keys__what_it_names_is_toml(told, line):
    words = as_keys(told)
    assert line in words
    assert list(tomllib.loads(line)) == [line.split()[0]]


def test_as_keys__a_key_without_a_value_loses_its_sign():
    assert as_keys("name the system as crs=. Leave area_km2= out") == (
        "name the system as crs. Leave area_km2 out"
    )


@pytest.mark.parametrize(
    "text", ["see /data/a=1/b.csv", "scr fit --seed=3", "a >= 3", "if a == 3", "x = 3"]
)
def test_as_keys__leaves_other_text_alone(text):
    assert as_keys(text) == text
