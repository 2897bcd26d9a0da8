"""The data dictionary of results names what the files hold."""

import pytest

from scr.maps.public import PUBLIC_COLUMNS
from scr.posterior.surface import SUMMARY_COLUMNS, SUPPORT_COLUMNS
from scr.written_columns import WRITTEN


@pytest.mark.parametrize("table", WRITTEN)
def test_written__each_column_has_a_meaning_and_a_unit_and_one_name(table):
    names = [column.name for column in WRITTEN[table]]
    assert len(names) == len(set(names))
    assert all(column.meaning and column.unit for column in WRITTEN[table])


def test_written__surfaces_have_their_summary_and_support():
    names = [column.name for column in WRITTEN["expected_density"]]
    assert names == ["x", "y", "area_km2", *SUMMARY_COLUMNS, *SUPPORT_COLUMNS, "note"]
    public = [c.name for c in WRITTEN["expected_density"] if c.public and c.name in SUMMARY_COLUMNS]
    assert set(public) == set(PUBLIC_COLUMNS)
