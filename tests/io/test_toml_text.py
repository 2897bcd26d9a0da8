"""TOML that no reader of TOML can take is told in words by all who read TOML."""

import pytest
from typer.testing import CliRunner

import trap_layouts
from scr.cli.main import app
from scr.errors import LayoutError, ScrError
from scr.io.toml_text import read_toml
from scr.project.configuration import read_configuration

DEEP = "a = " + "[" * 20_000
NESTED = "a = " + "[" * 300 + "]" * 300
WRONG = {
    "decimal": ("[mask]\nbuffer = " + "9" * 5000, "more digits"),
    "hexadecimal": ("[mask]\nbuffer = 0x" + "f" * 5000, "more digits"),
    "beyond a float": ("[mask]\nbuffer = 1" + "0" * 400, "more digits"),
    "in a list": ("a = [1, [2, { b = 9223372036854775808 }]]", "more digits"),
    "deep": (DEEP, "stand in each other too many times"),
    "null": (r'title = "a\u0000b"', "can be in no name"),
    "cut": ("[mask", "Expected"),
    "no text": ("title = 'Ze\udcff'", "codec"),
}


@pytest.mark.parametrize("name", WRONG)
def test_read_toml__what_no_reader_can_take_is_an_error_in_words(tmp_path, name):
    text, words = WRONG[name]
    path = tmp_path / "survey.toml"
    path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    with pytest.raises(ValueError, match=words):
        read_toml(path)
    with pytest.raises(ScrError, match=r"survey\.toml is not"):
        read_configuration(path)
    with pytest.raises(LayoutError, match=r"survey\.toml is no valid TOML"):
        trap_layouts.read_plan(path)
    out = str(tmp_path / "out.csv")
    for command in (["check", str(path)], ["layouts", "generate", str(path), "--out", out]):
        done = CliRunner().invoke(app, command)
        assert isinstance(done.exception, SystemExit)
        assert done.exit_code == 1, done.output


def test_read_toml__numbers_of_64_bits_and_nested_lists_are_read(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("\ufeffleast = -9223372036854775808\nmost = 9223372036854775807\n" + NESTED,
                    encoding="utf-8")  # fmt: skip
    content = read_toml(path)
    assert (content["least"], content["most"]) == (-(2**63), 2**63 - 1)
