"""The data dictionary names what the records hold."""

import dataclasses

import pytest

from scr.habitat.mask import HabitatMask
from scr.likelihood.data import Animals, Detections, Exposures, LikelihoodData, Parts
from scr.model.arrays import ModelArrays
from scr.record_arrays import ARRAYS
from scr.schema import TABLES, aliases, data_dictionary, plain
from scr.survey.captures import CaptureHistory
from scr.survey.fixes import Fixes
from scr.survey.traps import Traps
from scr.survey.usage import Usage

RECORDS = (
    Traps, Usage, CaptureHistory, HabitatMask, LikelihoodData, Exposures, Detections, Animals,
    ModelArrays, Parts, Fixes,
)  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_arrays__lists_every_array_of_a_record(record):
    held = {f.name for f in dataclasses.fields(record) if "NDArray" in str(f.type)}
    listed = {a.name.split(".")[1] for a in ARRAYS if a.name.startswith(f"{record.__name__}.")}
    assert listed == held


@pytest.mark.parametrize("table", TABLES)
def test_tables__no_name_is_read_as_two_columns(table):
    names = [plain(name) for accepted in aliases(table).values() for name in accepted]
    assert len(names) == len(set(names))


def test_data_dictionary__has_a_meaning_for_every_row():
    table = data_dictionary()
    assert len(table) == sum(map(len, TABLES.values())) + len(ARRAYS)
    assert (table["meaning"].str.len() > 0).all()
