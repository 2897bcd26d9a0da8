"""What the page reads, refuses and keeps, without a browser."""

import asyncio
import json
import os
import socket

import numpy as np
import pytest
from tornado.httpclient import AsyncHTTPClient

from scr.errors import LayoutError
from scr.layout_page.board import Board
from scr.layout_page.desk import open_desk
from scr.layout_page.edits import edited, laid
from scr.layout_page.kept_state import KeptState, read_state, state_file, write_state
from scr.layout_page.map_view import station_columns
from scr.layout_page.office import Office
from scr.layout_page.outputs import plan_name, plan_with
from scr.layout_page.server import open_page
from trap_layouts.comparison import compare
from trap_layouts.editing import named, with_moved
from trap_layouts.files import read_layout, write_layout
from trap_layouts.plan import read_plan


@pytest.fixture
def desk(plan_path):
    return open_desk(plan_path, plan_path.parent / "grid.csv")


def test_open_desk__station_that_stands_already_is_known(desk):
    assert desk.fixed == {"L001"}
    assert len(desk.start) == 16


def test_open_desk__without_a_layout_starts_from_a_grid_by_the_rules(plan_path):
    desk = open_desk(plan_path)
    xy = desk.start.xy
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))[np.triu_indices(len(xy), 1)]
    assert 4 <= len(xy) <= 100
    assert apart.min() >= 800
    assert len(desk.fixed) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("station,x\nA,1\n", "grid.csv"),
        ("", "grid.csv"),
        ("station,x,y\nA,520000,4809000\n", "outside Park"),
    ],
)
def test_open_desk__broken_layout_is_told(plan_path, text, words):
    (plan_path.parent / "grid.csv").write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError, match=words):
        open_desk(plan_path, plan_path.parent / "grid.csv")


def test_open_desk__searches_are_refused_in_words(plan_path):
    text = plan_path.read_text(encoding="utf-8")
    text = text.replace("[survey]", '[survey]\ndetector = "polygon"').replace(
        "fixed =", "# fixed ="
    )
    plan_path.write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError, match="searches areas"):
        open_desk(plan_path)


def test_open_page__port_in_use_is_told(desk):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LayoutError, match=f"Port {port} is in use"):
            open_page(desk, port=port)


def test_open_page__a_ticket_leads_to_the_page_once(desk):
    serving = open_page(desk)
    serving.server.start()

    async def asked():
        how = {"raise_error": False, "follow_redirects": False, "headers": {"Connection": "close"}}
        client = AsyncHTTPClient(force_instance=True)
        try:
            return [await client.fetch(serving.ticket, **how) for _ in range(2)]
        finally:
            client.close()
            await asyncio.sleep(0.2)  # the server sees that both have gone, and closes its side

    try:
        first, second = serving.loop.run_sync(asked)
        assert first.code == 302
        assert serving.address.endswith(first.headers["Location"])
        assert second.code == 404
        assert serving.address not in serving.ticket
    finally:
        serving.server.stop()
        serving.office.close()
        serving.loop.close(all_fds=True)


def test_state__reads_back_as_it_was_kept(desk):
    layout = with_moved(desk.start, {"L004": np.array([510_000.5, 4_805_000.1])})
    state = KeptState(
        Board(layout, frozenset({"L001", "L004"})), {"first": named(layout, "first")},
        {"n_occasions": 40.0},
    )  # fmt: skip
    write_state(desk, state)
    back = read_state(desk)
    np.testing.assert_array_equal(back.board.layout.xy, layout.xy)
    assert back.board.locked == {"L001", "L004"}
    assert list(back.kept) == ["first"]
    assert back.values == {"n_occasions": 40.0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda told: "{", "damaged"),
        (lambda told: json.dumps({**told, "format": "other"}), "no state of the layout page"),
        (lambda told: json.dumps({**told, "plan": {}}), "layouts of another plan"),
        (lambda told: json.dumps({**told, "present": [["A", "x", 1, 2]]}), "cannot be used"),
        (lambda told: json.dumps({**told, "values": {"sigma": -1}}), "cannot be used"),
    ],
)
def test_state__that_cannot_be_used_is_told_and_left(desk, change, words):
    write_state(desk, KeptState(Board(desk.start)))
    path = state_file(desk)
    path.write_text(change(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    before = path.read_bytes()
    office = Office(desk)
    state = office.state_of("tab")
    assert words in office.trouble
    office.keep("tab", state)
    office.write()
    assert path.read_bytes() == before
    np.testing.assert_array_equal(state.board.layout.xy, desk.start.xy)


@pytest.mark.skipif(os.name == "nt", reason="rights of folders are others there")
def test_office__folder_that_may_not_be_written_is_told(desk, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("scr.io.whole_files._put", refuse)
    office = Office(desk)
    office.keep("tab", office.state_of("tab"))
    office.write()
    assert "not kept when the page is closed" in office.trouble
    assert "Permission denied" in office.trouble
    assert office.state_of("tab").board.layout.traps.names.tolist()


def test_edited__adds_by_the_rules(desk):
    board = Board(named(desk.start, "present"), desk.fixed)
    columns = station_columns(board, desk.fixed)
    columns = {
        key: [*columns[key], one]
        for key, one in (("name", ""), ("x", 505_000.04), ("y", 4_805_000.0))
    }
    after = edited(desk, board, columns)
    assert after.layout.xy[-1].tolist() == [505_000.0, 4_805_000.0]
    assert len(after.layout) == 17


def test_laid__locked_stations_stay(desk):
    board = Board(named(desk.start, "present"), desk.fixed)
    after = laid(desk, board, "hexagonal", spacing=4000.0, gap=9000.0)
    at = after.layout.traps.names.tolist().index("L001")
    np.testing.assert_array_equal(after.layout.xy[at], desk.start.xy[0])
    assert len(after.layout) > 10


def test_plan_with__and_a_saved_layout_give_the_numbers_of_the_page(desk, plan_path):
    values = {"density": 4.0, "n_occasions": 20.0}
    layout = named(with_moved(desk.start, {"L006": np.array([506_500.0, 4_806_100.3])}), "present")
    on_page = compare([layout], desk.assume({**values, "n_occasions": 20}), n_animals=200)

    path = plan_path.with_name(plan_name(desk))
    path.write_text(plan_with(desk, values), encoding="utf-8")
    write_layout(layout, plan_path.parent / "present.csv")
    plan = read_plan(path)
    again = [read_layout(plan_path.parent / "present.csv", to_crs=plan.crs)]
    by_hand = compare(again, plan.assume(plan.mask_round(again)), n_animals=200)

    for key in ("animals", "recaptures", "q_p", "rse"):
        assert by_hand.table[key].iloc[0] == pytest.approx(on_page.table[key].iloc[0], rel=1e-9)
