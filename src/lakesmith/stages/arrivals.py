"""Which files of a source have yet to be read, told from those bronze already holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from lakesmith.sources import InputFile


@dataclass(frozen=True)
class Arrivals:
    """What to do about the files of one source.

    `to_read` are new or changed, or all of them where bronze cannot be trusted to hold the others. `replaced` are the
    paths whose rows leave bronze in the same commit. `held` are the files bronze holds after it, `gone` those of them
    that are no longer there, `changed` those whose content was another when they were read. `same_content` names, for
    a path that is not read, the path that has its records.
    """

    to_read: tuple[InputFile, ...]
    replaced: tuple[str, ...]
    held: tuple[InputFile, ...]
    gone: tuple[InputFile, ...] = ()
    unchanged: tuple[InputFile, ...] = ()
    same_content: dict[str, str] = field(default_factory=dict)
    changed: tuple[InputFile, ...] = ()

    @property
    def nothing_new(self) -> bool:
        """Whether bronze stays as it is."""
        return not self.to_read and not self.replaced


def arrivals(
    present: Sequence[InputFile], recorded: Sequence[InputFile], *, trusted: bool, remove_gone: bool = False
) -> Arrivals:
    """The files to read, of those `present`, where bronze was last left with the files `recorded`.

    Not `trusted`: bronze was written since by a run that did not end, or the files were read by other rules. Then
    every file is read again and takes its rows' place, so that nothing is lost and nothing is there twice; the rows
    of files that are gone stay, or leave bronze with `remove_gone`.
    """
    here = {each.path: each for each in present}
    before = {each.path: each for each in recorded}
    absent = tuple(each for each in recorded if each.path not in here)
    gone = () if remove_gone else absent
    changed = tuple(each for each in present if _digest(before.get(each.path)) not in (None, each.sha256))
    unchanged = tuple(each for each in present if trusted and _digest(before.get(each.path)) == each.sha256)
    owner = {each.sha256: each.path for each in (*gone, *unchanged)}
    kept_paths = {each.path for each in unchanged}
    to_read, same_content = [], {}
    for each in sorted(present, key=lambda file: file.path):
        if each.path in kept_paths:
            continue
        if each.sha256 in owner:
            same_content[each.path] = owner[each.sha256]
        else:
            owner[each.sha256] = each.path
            to_read.append(each)
    candidates = [*(each.path for each in to_read), *same_content, *(paths(absent) if remove_gone else ())]
    replaced = tuple(path for path in candidates if not trusted or path in before)
    held = tuple(sorted((*gone, *unchanged, *to_read), key=lambda file: file.path))
    return Arrivals(tuple(to_read), replaced, held, gone, unchanged, same_content, changed)


def as_one(present: Sequence[InputFile], recorded: Sequence[InputFile], *, trusted: bool) -> Arrivals:
    """For a table, whose rows cannot be told apart by file: all of it, unless it is the version that was read."""
    same = trusted and [each.sha256 for each in recorded] == [each.sha256 for each in present]
    held = tuple(present)
    return Arrivals((), (), held, unchanged=held) if same else Arrivals(held, (), held)


def increment(present: Sequence[InputFile], recorded: Sequence[InputFile], *, trusted: bool) -> Arrivals:
    """For a table of which only what is new is read: the part after the recorded position, or all of it.

    A position, `identity@position` instead of a digest, follows another one only under the same identity.
    """
    now, held = present[0], tuple(present)
    last = next((each for each in recorded if trusted and each.path == now.path), None)
    if last is not None and last.sha256 == now.sha256:
        return Arrivals((), (), held, unchanged=held)
    follows = last is not None and last.sha256.rpartition("@")[0] == now.sha256.rpartition("@")[0]
    return Arrivals((replace(now, since=last.sha256 if last is not None and follows else None),), (), held)


def paths(files: Iterable[InputFile]) -> tuple[str, ...]:
    """The paths of some files."""
    return tuple(each.path for each in files)


def _digest(file: InputFile | None) -> str | None:
    return file.sha256 if file is not None else None
