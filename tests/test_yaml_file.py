"""YAML 1.2 read as people mean it, every value with its line, and nothing else let in."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lakesmith import yaml_file, yaml_tree
from lakesmith.errors import ConfigError
from lakesmith.yaml_file import dump, parse, read, set_values

LOADERS = pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"])
TEXT = """\
name: flights
derive:
  steps:
    - kind: join
      on: [origin, time_hour]
    - kind: history
      columns:
        share.late: avg(late)
        carrier:
          - a
          - b
"""


def test_scalars_mean_what_yaml_1_2_says() -> None:
    text = """
on: NO
yes: [yes, no, on, off, y, N]
float: [1e-3, 1E3, .5, 1., -0.5, +2.5e-1]
int: [0123, -7, +7, 0o17, 0x1F, 0]
text: [1_000, 2013-10-01, '12', "3", 1:30, 0b11, 0o8, 1e, ., -, .5.5, 2013-10-01T00:00:00Z]
null: [~, null, Null, NULL, ]
bool: [true, True, TRUE, false]
"""
    with pytest.raises(ConfigError, match="the key 'null' is not text"):
        parse(text, "f.yml")
    data = parse(text.replace("null: [", "nothing: ["), "f.yml").data
    assert data["on"] == "NO"
    assert data["yes"] == ["yes", "no", "on", "off", "y", "N"]
    assert data["float"] == [0.001, 1000.0, 0.5, 1.0, -0.5, 0.25]
    assert data["int"] == [123, -7, 7, 15, 31, 0]
    assert all(type(each) is int for each in data["int"])
    assert data["text"] == [
        "1_000",
        "2013-10-01",
        "12",
        "3",
        "1:30",
        "0b11",
        "0o8",
        "1e",
        ".",
        "-",
        ".5.5",
        "2013-10-01T00:00:00Z",
    ]
    assert data["nothing"] == [None] * 4
    assert data["bool"] == [True, True, True, False]


def test_every_key_knows_its_line() -> None:
    document = parse(TEXT, "conf/flights.yml")
    assert document.place("derive.steps[0].on[1]") == "conf/flights.yml:5"
    assert document.place("derive.steps[1].columns.carrier[1]") == "conf/flights.yml:11"
    assert document.place("derive.steps[1].columns.share.late") == "conf/flights.yml:8"


def test_a_key_that_is_not_there_has_the_line_of_what_is_around_it() -> None:
    document = parse(TEXT, "f.yml")
    assert document.place("derive.steps[1].known_at") == "f.yml:6"
    assert document.place("derive.steps[7].known_at") == "f.yml:3"
    assert document.place("tune.metric") == "f.yml:1"
    assert document.place("") == "f.yml:1"


@LOADERS
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "f.yml:4 b.c: the key is there twice (first in line 3). Keep one of them."),
        ("a: [{b: 1}, {c: 1, c: 2}]", "f.yml:1 a[1].c: the key is there twice (first in line 1). Keep one of them."),
        ("a: &x 1\nb: *x\n", "f.yml:1: '&x' is an anchor. Anchors and aliases are not read."),
        ("a: *x\n", "f.yml:1: '*x' is an alias. Write the value out."),
        ("a:\n  b: !!python/object:os.system x\n", "f.yml:2 a: 'tag:yaml.org,2002:python/object:os.system' is a tag. "),
        ("a: !x 1", "f.yml:1: '!x' is a tag. Write the plain value."),
        ("<<: {a: 1}", "f.yml:1: '<<' merges another mapping. Write the keys out."),
        ("a:\n  1: x", "f.yml:2 a: the key '1' is not text. Quote it: \"1\"."),
        ("true: x", "f.yml:1: the key 'true' is not text. Quote it: \"true\"."),
        ("? [a]\n: x", "f.yml:1: a key is a list or mapping, and must be text."),
        ("a: 1\n---\nb: 2\n", "f.yml:2: a second document starts here."),
        ("%TAG ! tag:x\n---\na: 1", "f.yml:1: %TAG is not read."),
        ("", "f.yml:1: the file is empty."),
        ("# only a comment\n", "f.yml:1: the file is empty."),
        ("---\n", "f.yml:1: the file is empty."),
        ("- a\n", "f.yml:1: the file holds a list of 1 item, and must be a mapping. Write 'key: …'."),
        ("just words", "f.yml:1: the file holds the text 'just words', and must be a mapping."),
        ("a:\n\tb: 1", "f.yml:2: there is a tab, and YAML indents with spaces."),
        ("a: [1, 2\nb: 3", "f.yml:2 a: is not YAML:"),
        ("a: 1\n b: 2\n", "f.yml:2: is not YAML: mapping values are not allowed"),
        ("a: 'open", "f.yml:1: is not YAML:"),
        ("a: @x", "f.yml:1: is not YAML:"),
        ("a:\n  - .nan", "f.yml:2 a[0]: .nan is not a finite number. Quote it if it is text."),
        ("a: -.inf", "f.yml:1 a: -.inf is not a finite number."),
        ("a: 1e999", "f.yml:1 a: 1e999 is beyond a double."),
        ("a: 99999999999999999999", "f.yml:1 a: 99999999999999999999 is beyond 64 bits."),
        ("a: " + "9" * 10_000, "is beyond 64 bits"),
        ("a: b\x07", "f.yml:1: there is a control character (U+0007). Remove it."),
        ("a: 1\nb: \u2028", "f.yml:2: there is a control character (U+2028)."),
        ('a: "\\0"', "f.yml:1: an escape gives U+0000"),
        ('a: "\\ud800"', "f.yml:1: "),
        ('a: "\\U00110000"', "f.yml:1: "),
        (f"? {'k' * 300}\n: 1", "is longer than 255 characters. Shorten it."),
        ("a: " + "x" * 1_000_001, "f.yml:1: is larger than 1,000,000 bytes."),
        ("a: " + "é" * 600_000, "f.yml:1: is larger than 1,000,000 bytes."),
        ("a:\n" + "- 1\n" * 200_000, "a: holds more than 100,000 values."),
    ],
    ids=range(36),
)
def test_what_is_refused_is_told_with_file_line_and_key(
    text: str, told: str, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_tree, "_LOADER", loader)
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yml")
    if loader is yaml.CSafeLoader or "is not YAML" not in told:
        assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@LOADERS
@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100000,
        "a: " + "{a: " * 100000,
        "- " * 100000,
        "a: " + "[{" * 50000,
        "a: {" + "? " * 100000,
        "\n".join(" " * i + "a:" for i in range(1000)),
        "[" * 33 + "]" * 33,
        "- " * 33 + "x",
    ],
    ids=range(8),
)
def test_depth_is_refused_at_once_and_without_recursion(
    text: str, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_tree, "_LOADER", loader)
    started = time.monotonic()
    with pytest.raises(ConfigError, match=r"f\.yml:\d+"):
        parse(text, "f.yml")
    assert time.monotonic() - started < 5


def test_as_deep_as_allowed_is_read_and_written() -> None:
    text = "a: " + "[" * 31 + "1" + "]" * 31
    assert parse(dump(parse(text, "f").data), "f").data == parse(text, "f").data


def test_long_keys_in_deep_files_take_no_memory() -> None:
    deep = (
        "".join(" " * i + "k" * 250 + f"{i}:\n" for i in range(30)) + " " * 30 + "- 1\n" + (" " * 30 + "- 1\n") * 20_000
    )
    document = parse(deep, "f.yml")
    assert document.place(".".join("k" * 250 + str(i) for i in range(30)) + "[20000]") == "f.yml:20031"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path, told in (
        (tmp_path / "no.yml", "no.yml: there is no such file. Check the path."),
        (tmp_path, "is a folder, not a YAML file"),
        (tmp_path / ("x" * 300), "File name too long"),
        ("a\0b", "cannot be read"),
    ):
        with pytest.raises(ConfigError) as caught:
            read(path)
        assert told in str(caught.value)
        assert caught.value.exit_code == 2


def test_bytes_that_are_not_utf_8_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"f\.yml:2: byte 0xe9 is not UTF-8. Save it as UTF-8"):
        read(path)
    path.write_bytes(b"\xef\xbb\xbfa: caf\xc3\xa9\r\nb: 2\r\n")
    assert read(path).data == {"a": "café", "b": 2}
    path.write_bytes("a: 1".encode("utf-16"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        read(path)
    path.write_bytes(b"a" * 2_000_000)
    with pytest.raises(ConfigError, match="larger than"):
        read(path)


def test_options_replace_values_read_as_yaml() -> None:
    document = set_values(
        parse(TEXT, "f.yml"),
        ["derive.steps[0].on=[a, b]", 'derive.steps[1].columns["share.late"]=x', "tune.max_trials=5", "name=1e-3"],
    )
    assert document.data["derive"]["steps"][0]["on"] == ["a", "b"]
    assert document.data["derive"]["steps"][1]["columns"]["share.late"] == "x"
    assert document.data["tune"] == {"max_trials": 5}
    assert document.data["name"] == 0.001
    assert document.place("tune.max_trials") == "--set tune.max_trials=5"
    assert document.place("derive.steps[0].on[1]") == "--set derive.steps[0].on=[a, b]"
    assert document.place("derive.steps[0].kind") == "f.yml:4"
    assert parse(TEXT, "f.yml").data["name"] == "flights"


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("name", "--set name: is not of the form key=value. Write e.g. --set tune.max_trials=5."),
        ("=3", "--set =3: is not of the form key=value."),
        ("a..b=3", "--set a..b=3: is not of the form"),
        ("[0]=3", "--set [0]=3: is not of the form"),
        ("derive.steps[5].on=3", "--set derive.steps[5].on=3 derive.steps: there is no item 5 in a list of 2 items"),
        ("name.x=3", "--set name.x=3 name: 'x' cannot be set within the text 'flights'"),
        ("name[0]=3", "--set name[0]=3 name: there is no item 0 in the text 'flights'"),
        ("name=[", "--set name=[: is not YAML:"),
        ("name=*x", "--set name=*x: '*x' is an alias."),
        ("name={a: 1, a: 2}", "--set name={a: 1, a: 2} a: the key is there twice."),
        ("name=a\x07", "there is a control character"),
        ("name=\udcff", "there is a control character"),
        ("name=" + "[" * 5000, "is nested deeper"),
        ("a" + ".a" * 50 + "=1", "is not of the form"),
    ],
)
def test_an_option_that_cannot_be_set_names_the_option(option: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        set_values(parse(TEXT, "f.yml"), [option])
    assert told in str(caught.value)
    assert str(caught.value).startswith("--set ")


def test_what_is_written_is_quoted_where_a_reader_would_misread_it() -> None:
    assert dump({"a": "on", "b": "1e-3", "c": ["NO", "0o17", "x"]}) == (
        "a: 'on'\nb: '1e-3'\nc:\n  - 'NO'\n  - '0o17'\n  - x\n"
    )


WORDS = st.sampled_from(
    ["on", "NO", "1e-3", "0o7", "0x1F", "0123", "~", "", "=", "<<", ".nan", "y", "1_0", "- a", "a: b"]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20) | WORDS
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_back_the_same(data: dict[str, object]) -> None:
    text = dump(data)
    found = parse(text, "f.yml").data
    assert found == data
    assert repr(found) == repr(data)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=4))
def test_a_yaml_1_1_reader_finds_the_same_text(data: dict[str, str]) -> None:
    assert yaml.safe_load(dump(data)) == data


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("ab01:-?[]{},&*!|>'\"%@`#\n\t <.~é\\x"), max_size=60))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    try:
        document = parse(text, "f.yml")
    except ConfigError as error:
        assert error.place.startswith("f.yml:")  # noqa: PT017
    else:
        assert isinstance(document, yaml_file.Document)
