import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import scr
from scr.errors import FitError
from scr.fit.compare import compare
from scr.fit.digests import digest_of_survey
from scr.model.labels import Label
from scr.report import page as module
from scr.report.page import write_report, write_reports

SIZE = 5_000_000
LABELS = {
    "north": Label("Way to the north", "10 km"),
    "sex": Label("Sex", levels={"F": "females", "M": "males"}),
}
WORDS = {"expected N": "expected for such habitat", "realised N": "estimated to live there"}
VOID = {"meta", "link", "br", "img", "input"}


class Text(HTMLParser):
    """Visible text of a page, and what it would load."""

    def __init__(self):
        super().__init__()
        self.words, self.loads, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        self.loads += [value for name, value in attrs if name in {"src", "href", "data"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.words.append(data)


def parsed(path):
    text = Text()
    text.feed(path.read_text(encoding="utf-8"))
    assert text.open == []
    return " ".join(" ".join(text.words).split()), text.loads


def test_write_reports__pages_are_whole_and_load_nothing(reports):
    for where in ("public", "private"):
        path = reports / where / "report.html"
        _, loads = parsed(path)
        assert path.stat().st_size < SIZE
        assert [link[:5] for link in loads if not link.startswith("#")].count("data:") >= 2
        assert all(link.startswith(("#", "data:")) for link in loads)
        assert [p.name for p in (reports / where).iterdir() if p.name.startswith(".")] == []


def test_write_reports__numbers_are_those_of_abundance(fit, region, reports):
    table = scr.abundance(fit, region).set_index("estimand")
    for where in ("public", "private"):
        text, _ = parsed(reports / where / "report.html")
        for estimand in ("expected N", "realised N"):
            row = table.loc[estimand]
            shown = " ".join(f"{row[name]:.3g}" for name in ("median", "lower", "upper"))
            assert f"Far Valley {WORDS[estimand]} {shown} 64 " in text


def test_write_reports__title_and_banner_are_text(reports):
    text, _ = parsed(reports / "public" / "report.html")
    assert "Far & Wide <b>" in text
    assert text.count("SIMULATED") == 1


def test_write_reports__public_page_names_no_station_animal_or_digest(fit, reports):
    session = fit.survey.sessions[0]
    public = (reports / "public" / "report.html").read_text(encoding="utf-8")
    hidden = [*session.traps.names, digest_of_survey(fit.survey)]
    assert [name for name in hidden if name in public] == []
    places = {f"{value:.0f}" for value in session.traps.xy.ravel()}
    script = public[public.index('id="map"') : public.index('id="abundance"')]
    assert not places & set(re.findall(r"\d{6,}", script))
    text, _ = parsed(reports / "private" / "report.html")
    assert all(re.search(rf"\b{name}\b", text) for name in session.captures.individuals)
    assert digest_of_survey(fit.survey) in text


def test_write_reports__checks_that_failed_are_said(reports):
    text, _ = parsed(reports / "public" / "report.html")
    assert "Not passed: Widen the buffer." in text


def test_write_reports__add_to_the_results_of_the_same_fit_and_refuse_others(
    fit, region, reports, tmp_path, no_figures
):
    other = tmp_path / "results"
    shutil.copytree(reports, other)
    write_reports(fit, other, region=region, title="Other title")
    text, _ = parsed(other / "public" / "report.html")
    assert "Other title" in text
    before = (other / "public" / "report.html").read_bytes()

    with pytest.raises(FitError, match=r"results of another fit.*scr map"):
        write_reports(replace(fit, draws=fit.draws + 1e-9), other, region=region)
    assert (other / "public" / "report.html").read_bytes() == before


@pytest.mark.parametrize("public", [True, False])
def test_write_report__one_page_from_maximum_likelihood(make_fit, region, tmp_path, public):
    path = tmp_path / "page.html"
    fit = make_fit(engine="mle")
    models = compare({"by sex": fit, "as well": fit})
    asked = {"region": region, "public": public, "labels": LABELS, "models": models}
    assert write_report(fit, path, **asked) == path
    text, loads = parsed(path)
    # Two fits of one model have half of the weight each; likelihoods are private.
    criteria = f"-12.5 {fit.aic:.1f} {models.table['aicc'].iloc[0]:.1f} 0.0 0.50"
    assert (criteria in text) is not public
    assert ("6 0.0 0.50" in text) is public
    assert "Models compared" in text
    assert "no probabilities" not in text
    assert "2 models of the same data were compared and weighed by Akaike's criterion" in text
    assert "Expected abundance averaged over the models: Far Valley " in text
    assert "Multimodel Inference" in text
    north, males = fit.coefficients["estimate"][["density.north", "lambda0.sex[T.M]"]]
    assert f"Density: Way to the north (10 km) {north:.3g} " in text
    assert f"Detection rate (lambda0): Sex, males {males:.3g} " in text
    assert "Detection rate (lambda0), males 0.081" in text
    assert "Share of females 0.5 " in text
    assert "north is Way to the north (10 km); sex is Sex" in text
    assert "sex[T." not in text
    assert "Maximum likelihood estimates" in text
    assert ("Private:" in text) is not public
    assert any(link.startswith("data:image/png") for link in loads)
    assert list(tmp_path.iterdir()) == [path]


def test_write_report__failure_leaves_the_old_page(fit, region, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(module, "html_of", broken)
    monkeypatch.setattr(module, "write_figures", lambda *_, **__: [])
    with pytest.raises(RuntimeError):
        write_report(fit, path, region=region)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_write_report__without_a_public_cell_says_why_there_is_no_map(
    fit, region, tmp_path, monkeypatch
):
    monkeypatch.setattr("scr.report.contents.public_layers", lambda *_: [])
    monkeypatch.setattr(module, "write_figures", lambda *_, **__: [])
    path = write_report(fit, tmp_path / "page.html", region=region, public=True)
    text, _ = parsed(path)
    assert "There is no map on this page" in text
    assert path.stat().st_size < 100_000


def test_write_reports__says_how_many_figures_there_is_no_room_for(
    fit, region, reports, tmp_path, monkeypatch
):
    other = tmp_path / "results"
    n_figures = (reports / "public" / "report.html").read_text(encoding="utf-8").count("<figure")
    monkeypatch.setattr("scr.report.contents._ROOM", 0)
    write_reports(fit, other, region=region)
    text, _ = parsed(other / "public" / "report.html")
    assert n_figures > 0
    assert f"{n_figures} more in the folder figures" in text
