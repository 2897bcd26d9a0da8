"""Each folder of ../shared/troubles is tested in Python, by the command line, and by relatives.

The table names the test of each that reads the folder by functions, the one that gives it to the
program, and those of its relatives; a folder without a row fails, and so does a row that names no
such test.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
FEWEST_RELATIVES = 3


class Row(NamedTuple):
    """File of the tests, the two of the folder itself, and what those of its relatives match."""

    file: str
    in_python: str
    by_command: str
    relatives: str


def alike(file, test, relatives):
    """A row whose one test does both."""
    return Row(file, test, test, relatives)


PLACES = alike("test_shared_places.py", "test_shared__places_are_refused_in_words", "places__rel")
TESTS = {
    "ampm-in-a-column-of-its-own": alike(
        "test_who_and_when_troubles.py",
        "test_ampm_in_a_column_of_its_own__is_read_as_in_one_column",
        "test_ampm__|test_with_time|test_times__",
    ),
    "animal-names-almost-alike": alike(
        "test_name_troubles.py",
        "test_animal_names_almost_alike__are_named_with_the_letters_that_differ",
        "names_alike__how",
    ),
    "antimeridian-advice": PLACES._replace(
        in_python="test_shared__the_zone_advised_gives_the_density", relatives="180|places__rel"
    ),
    "camtrapdp-media-and-event-levels": alike(
        "test_shared_formats.py", "test_camtrap_dp__event_rows_alone_are_read",
        "camtrap_dp__(media|animals|a_level|a_package)|survey_toml__lev",
    ),
    "check-crashes": PLACES._replace(relatives="an_array_metres|animals_that_move_metres"),
    "density-covariate-beyond-its-sampled-range": Row(
        "test_answer_troubles.py", "test_covariate_never_sampled__is_told_or_refused_in_python",
        "test_covariate_never_sampled__animals_that_cannot_be_are_refused_in_words",
        "covariate_never_sampled__(a|c)",
    ),
    "dollars-in-names": Row(
        "test_shared_names.py", "test_plot_survey__stations_are_called_as_they_are",
        "test_fit__ends_with_every_file", "draw_layout|plot_survey",
    ),
    "dots-for-thousands": PLACES,
    "flank-in-name": alike(
        "test_name_troubles.py", "test_flank_in_name__pairs_are_named_and_the_flanks_explained",
        "flank_in_name__(any|letters|sides)",
    ),
    "labels-not-known": alike(
        "test_name_troubles.py", "test_labels_not_known__the_label_is_named_with_its_rows",
        "test_unknown_labels|test_label__",
    ),
    "landcover-command-line": alike(
        "test_raster_codes.py", "test_landcover__is_refused_and_then_a_factor", "classes_are",
    ),
    "layout-in-degrees-or-km": alike(
        "test_shared_places.py", "test_shared__layouts_in_degrees_or_km_are_told_as_stations_are",
        "layouts_of_another_zone|what_to_do_with_degrees",
    ),
    "mask-table-with-habitat-zero": alike(
        "test_columns.py", "test_habitat_of_zero__is_left_out_and_said", "habitat_of_zero__other",
    ),
    "nodata-not-known": alike(
        "test_raster_codes.py",
        "test_nodata_not_known__is_an_error_in_python_and_on_the_command_line",
        "raster__other_codes",
    ),
    "one-huge-count": alike(
        "test_answer_troubles.py", "test_one_huge_count__is_named_before_and_after_the_fit",
        "huge_counts__",
    ),
    "one-table-taken-for-all-three": alike(
        "test_shared_formats.py",
        "test_one_table__each_file_is_taken_for_what_it_is", "recognise__",
    ),
    "region-scaled-by-itself": Row(
        "test_unit_troubles.py", "test_region_scaled_by_itself__is_put_on_the_scale_of_the_fit",
        "../cli/test_realised_numbers.py::"
        "test_fit__density_on_a_scale_is_on_the_scale_of_the_mask_in_every_region",
        "region_scaled_by_itself__(w|o|b|a)",
    ),
    "remedy-the-toml-refuses": alike(
        "test_raster_codes.py", "test_remedies__nodata_and_fill_are_keys", "raster__(o|a|true)",
    ),
    "same-day-service": alike(
        "test_who_and_when_troubles.py", "test_same_day_service__is_silent", "test_service__",
    ),
    "save-with-attributes": Row(
        "test_shared_notes.py", "test_save__keeps_every_note_of_the_folder",
        "test_scr_map__keeps_the_notes_of_a_fit_that_it_draws_again", "wherever|refuses",
    ),
    "scale-of-text": alike(
        "test_columns.py", "test_text_among_numbers__is_an_error_with_file_row_and_value",
        "constant|text_of_nearly",
    ),
    "text-in-mask-covariate": alike(
        "test_columns.py", "test_text_among_numbers__is_an_error_with_file_row_and_value",
        "mask_covariate",
    ),
    "text-in-trap-covariate": alike(
        "test_columns.py", "test_text_among_numbers__is_an_error_with_file_row_and_value",
        "station_covariate",
    ),
    "title-row": alike(
        "test_who_and_when_troubles.py", "test_title_row__is_suspected_and_quoted",
        "title_row__(in|above)",
    ),
    "trend-realised-inf": Row(
        "test_unit_troubles.py", "test_trend__in_metres_is_that_of_scaled_places",
        "test_trend__through_the_command_line", "test_trend__in|collinear__columns",
    ),
    "two-modes": Row(
        "test_two_modes.py", "test_fit_laplace__gives_the_probability_of_each_labelling",
        "test_scr_fit__terminal_and_report_tell_of_two_modes",
        "other|another|one_formula|all_sexes",
    ),
    "two-species": alike(
        "test_who_and_when_troubles.py",
        "test_two_species__are_listed_with_counts_and_one_is_chosen",
        "test_species__|two_species__in",
    ),
    "two-years-no-session": alike(
        "test_who_and_when_troubles.py",
        "test_two_years_no_session__the_gap_and_the_remedy_are_told", "seasons__",
    ),
    "two-zones-no-reserve": PLACES._replace(relatives="places__(two|rel)"),
    "uncentred-covariate": Row(
        "test_unit_troubles.py",
        "test_uncentred_covariate__any_unit_gives_the_surface_of_the_scaled_one",
        "test_uncentred_covariate__through_the_command_line", "covariate__(rel|another)",
    ),
    "usage-only-where-detected": alike(
        "test_who_and_when_troubles.py", "test_usage_only_where_detected__is_told_with_numbers",
        "test_effort__of|test_effort__with",
    ),
    "wrong-zone-only-a-note": PLACES,
    "zones-not-checked": Row(
        "test_shared_zones.py", "test_zones__of_the_folders_are_refused_in_python",
        "test_zones_not_checked__are_refused_before_the_fit", "test_zones__fault",
    ),
    "zones-wrong-column": Row(
        "test_shared_zones.py", "test_zones__of_the_folders_are_refused_in_python",
        "test_zones_wrong_column__the_columns_there_are_named", "test_zones__fault",
    ),
}  # fmt: skip

PYTHON = re.compile(
    r"\b(?:scr|trap_layouts)\.(?!Scr)[a-z]\w*|\b(?:read_camtrap_dp|recognise|plot_survey)\("
)
COMMAND = re.compile(r"CliRunner\(\)")


@cache
def functions_of(path):
    """Source of each function of a file, methods of its classes among them."""
    text = path.read_text(encoding="utf-8")
    return {
        node.name: (node, ast.get_source_segment(text, node))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    }


def calls_of(file, test):
    """Source of a test and of all that it calls in its file and in conftest.py, fixtures too."""
    known = {**functions_of(HERE / "conftest.py"), **functions_of(HERE / file)}
    assert test in functions_of(HERE / file), f"{file} has no {test}"
    seen, ahead = {}, [test]
    while ahead:
        name = ahead.pop()
        if name in known and name not in seen:
            node, seen[name] = known[name]
            for part in ast.walk(node):
                ahead += [getattr(part, key) for key in ("id", "attr", "arg") if hasattr(part, key)]
    return "\n".join(seen.values())


@cache
def cases_of(file, session):
    """Names of the cases that pytest makes of the tests of a file."""
    return [item.name for item in pytest.Module.from_parent(session, path=file).collect()]


def test_troubles__each_folder_has_a_row_and_each_row_a_folder(troubles):
    assert sorted(TESTS) == sorted(path.name for path in troubles.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", TESTS)
def test_troubles__each_is_tested_in_python_and_by_the_command_line(folder):
    row = TESTS[folder]
    assert PYTHON.search(calls_of(row.file, row.in_python)), row.in_python
    other, _, test = row.by_command.rpartition("::")
    assert COMMAND.search(calls_of(other or row.file, test)), row.by_command
    if folder not in ("two-modes", "uncentred-covariate"):  # of which only programs are shared
        assert folder in (HERE / row.file).read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", TESTS)
def test_troubles__each_has_three_relatives(folder, request):
    row = TESTS[folder]
    of_itself = {row.in_python, row.by_command}
    cases = cases_of(HERE / row.file, request.session)
    found = [name for name in cases if re.search(row.relatives, name.partition("[")[0])]
    found = [name for name in found if "[" in name or name not in of_itself]
    assert len(found) >= FEWEST_RELATIVES, found
