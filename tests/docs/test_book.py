"""The book: what is public is in it, and what it shows runs. ``make book`` builds it."""

import doctest
import os
import re
import tomllib
from pathlib import Path

import executed_pages
import pytest
from book_extensions import made_pages, toml_keys
from book_extensions.docstrings import annotations, examples, with_types

import scr
from scr.fit.mle import fit_mle
from scr.schema import TABLES
from scr.written_columns import WRITTEN
from trap_layouts import plan_keys

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def reference() -> str:
    pages = sorted((DOCS / "reference").glob("*.md"))
    return "\n".join(made_pages.filled(page.read_text(encoding="utf-8")) for page in pages)


@pytest.mark.parametrize("package", ["scr", "trap_layouts"])
def test_reference__has_every_public_name(package):
    text = reference()
    names = made_pages.exports(package)
    assert set(names) == set(__import__(package).__all__)
    kinds = "autofunction|autoclass|autoexception|automodule"
    absent = [n for n in names if not re.search(rf"\.\. ({kinds}):: {package}\.{n}\n", text)]
    assert absent == []


@pytest.mark.parametrize("package", ["scr", "trap_layouts"])
def test_reference__every_function_has_an_example_that_runs(package):
    module = __import__(package)
    without = [
        name
        for name in made_pages.exports(package)
        if callable(getattr(module, name))
        and ">>>" not in (getattr(module, name).__doc__ or "")
        and f"{package}.{name}" not in examples()
    ]
    assert without == []


def test_reference__examples_are_of_names_that_there_are():
    known = {f"{p}.{name}" for p in ("scr", "trap_layouts") for name in made_pages.exports(p)}
    assert set(examples()) <= known


@pytest.mark.parametrize("made", [toml_keys.survey_tables, toml_keys.plan_tables])
def test_toml_keys__each_has_a_meaning_and_a_kind(made):
    lacking = [
        f"[{table}] {key.name}"
        for table, keys in made().items()
        for key in keys
        if not key.meaning or not key.kind
    ]
    assert lacking == []


def test_toml_keys__are_all_that_the_files_know():
    plan = {(table, key.name) for table, keys in toml_keys.plan_tables().items() for key in keys}
    assert {(t, k) for t, keys in plan_keys._TABLES.items() for k in keys} <= plan
    survey = toml_keys.survey_tables()
    unknown = [f for f in vars(toml_keys.keys).values() if isinstance(f, type)]
    records = {f for f in unknown if f.__module__ == toml_keys.keys.__name__} - {
        toml_keys.keys.Configuration
    }
    assert records <= set(toml_keys.SURVEY.values())
    assert len(survey) == len(toml_keys.SURVEY) + 1


def test_data_dictionary__has_every_column_read_and_written():
    text = (DOCS / "data_dictionary.md").read_text(encoding="utf-8")
    names = {c.name for tables in (TABLES, WRITTEN) for columns in tables.values() for c in columns}
    absent = [name for name in names if f"`{name}`" not in text]
    assert absent == [], "run python docs/make_data_dictionary.py"


def test_book__no_page_is_outside_its_lists():
    listed = made_pages.other_pages("")
    pages = {p.stem for p in DOCS.glob("*.md") if ".template" not in p.name} - {"index"}
    named = {Path(line).name for line in listed.splitlines() if line.startswith("/")}
    every = "\n".join(p.read_text(encoding="utf-8") for p in DOCS.rglob("*.md"))
    assert [page for page in pages if page not in named and f"{page}\n" not in every] == []


def test_with_types__puts_the_type_of_the_signature_beside_the_name():
    lines = ["One.", "", "Parameters", "----------", "survey, mask, spec", "    Data.", ""]
    told = with_types(lines, annotations(fit_mle))
    assert told[4] == "survey, mask, spec : ``Survey, HabitatMask, ModelSpec``"


def test_readme__is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


def test_readme__its_links_lead_somewhere():
    links = re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_citation__is_of_this_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"version: {project['version']}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


@pytest.mark.usefixtures("without_pictures")
def test_examples__run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "reference" / "examples.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```pycon\n(.*?)```", text, re.DOTALL))
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest(code, {}, "examples.md", None, 0)
    told: list[str] = []
    failed, tried = doctest.DocTestRunner(optionflags=flags).run(test, out=told.append)
    assert tried > 0
    assert not failed, "".join(told)


@pytest.mark.usefixtures("without_pictures", "one_process")
@pytest.mark.parametrize("page", executed_pages.pages(), ids=lambda page: page.stem)
def test_tutorial__prints_what_its_page_shows(page):
    before = Path.cwd()
    with executed_pages.folder_of(page):
        for step, printed in executed_pages.run(page):
            if step.said is not None:
                lines = [line.rstrip() for line in printed.splitlines()]
                said = step.said.strip("\n") + "\n"
                assert executed_pages.same("\n".join(lines).strip("\n") + "\n", said), printed
    assert Path.cwd() == before
    assert os.fspath(scr.__file__)
