from __future__ import annotations

from lakesmith.sources import InputFile
from lakesmith.stages.arrivals import arrivals, as_one, paths


def file(path: str, content: str) -> InputFile:
    return InputFile(path, len(content), content)


A, B, C = file("a", "1"), file("b", "2"), file("c", "3")


def test_new_files_are_read_and_known_ones_are_not() -> None:
    found = arrivals([A, B], [A], trusted=True)
    assert (found.to_read, found.replaced, found.held, found.unchanged) == ((B,), (), (A, B), (A,))
    assert arrivals([A, B], [A, B], trusted=True).nothing_new


def test_a_changed_file_takes_the_place_of_its_rows() -> None:
    changed = file("a", "9")
    found = arrivals([changed, B], [A, B], trusted=True)
    assert (found.to_read, found.replaced, found.held) == ((changed,), ("a",), (changed, B))


def test_the_same_content_under_another_path_is_read_once() -> None:
    copy, moved = file("x", "1"), file("moved", "2")
    found = arrivals([A, copy, moved], [A, B], trusted=True)
    assert (found.to_read, found.same_content, found.gone) == ((), {"moved": "b", "x": "a"}, (B,))
    assert found.nothing_new


def test_a_file_that_becomes_a_copy_leaves_bronze() -> None:
    found = arrivals([A, file("b", "1")], [A, B], trusted=True)
    assert (found.to_read, found.replaced, found.held, found.nothing_new) == ((), ("b",), (A,), False)


def test_files_that_swap_content_are_both_read() -> None:
    found = arrivals([file("a", "2"), file("b", "1")], [A, B], trusted=True)
    assert (paths(found.to_read), found.replaced) == (("a", "b"), ("a", "b"))


def test_gone_files_stay() -> None:
    found = arrivals([B], [A], trusted=True)
    assert (found.to_read, found.gone, found.held, found.replaced) == ((B,), (A,), (A, B), ())


def test_without_trust_every_file_takes_the_place_of_its_rows() -> None:
    found = arrivals([A, B, file("d", "3")], [A, C], trusted=False)
    assert (paths(found.to_read), found.replaced) == (("a", "b"), ("a", "b", "d"))
    assert (found.held, found.same_content) == ((A, B, C), {"d": "c"})


def test_a_table_is_read_when_its_version_changed() -> None:
    old, new = file("t", "id@1"), file("t", "id@2")
    assert as_one([old], [old], trusted=True).nothing_new
    assert as_one([new], [old], trusted=True).to_read == (new,)
    assert as_one([old], [old], trusted=False).to_read == (old,)
