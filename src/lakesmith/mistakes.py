"""What pydantic found wrong with a document, as sentences of ours: file, line, key, found, allowed, nearest word.

Pydantic names a place by its own path, in which the names of union branches stand between the keys, and tells one
mistake once for every branch of a union. Here the path is walked along the data and the classes, so a key reads as it
stands in the file, an unknown key is compared with the keys its owner has, and one mistake gives one sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from lakesmith.errors import ConfigError, ConfigErrors, nearest
from lakesmith.yaml_file import Document
from lakesmith.yaml_tree import called, dotted, hides

MAX_TOLD = 20
Steps = tuple[str | int, ...]

_MUST_BE = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "finite_number": "a finite number",
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), "a list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type", "dataclass_type"), "a mapping"),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), "a date such as 2013-10-01"),
    **dict.fromkeys(("datetime_type", "datetime_parsing"), "a time such as 2013-10-01T00:00:00"),
    "none_required": "null",
}
_NO_MAPPING = ("union_tag_not_found", "model_type", "model_attributes_type", "dict_type")
_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
    "multiple_of": ("multiple_of", "×"),
}


def validation_errors(error: ValidationError, document: Document, model: type[BaseModel]) -> ConfigErrors:
    """All mistakes pydantic found in a document of `model`, in the order of its lines, each told once."""
    found: dict[Steps, list[dict[str, Any]]] = {}
    branches: dict[Steps, int] = {}
    for each in error.errors(include_url=False):
        path, unions = _path(each, document.data)
        found.setdefault(path, []).append(dict(each))
        for union_at in unions:
            branches[union_at] = max(branches.get(union_at, 0), len(path))
    # Of the branches of a union the one that got deepest is the one that was meant.
    kept = {path: e for path, e in found.items() if not any(_is_shallow(path, at, n) for at, n in branches.items())}
    told = [_told(path, errors, document, model) for path, errors in list(kept.items())[: 50 * MAX_TOLD]]
    told.sort(key=lambda mistake: _line(mistake.place))
    if len(told) > MAX_TOLD:
        last = told[MAX_TOLD - 1]
        rest = ConfigError(f"and {len(kept) - MAX_TOLD} more mistakes", key=last.key, place=last.place)
        told = [*told[:MAX_TOLD], rest]
    return ConfigErrors(told)


def _is_shallow(path: Steps, union_at: Steps, depth: int) -> bool:
    return path == union_at and len(path) < depth


def _line(place: str) -> int:
    end = place.rpartition(":")[2]
    return int(end) if end.isdigit() else 0


def _path(error: Mapping[str, Any], data: Any) -> tuple[Steps, list[Steps]]:
    """The keys of pydantic's path that are keys of the data, and where in it untagged unions branch."""
    loc, found = tuple(error["loc"]), error["input"]
    names_a_child = error["type"] in ("missing", "extra_forbidden")
    path: list[str | int] = []
    unions: list[Steps] = []
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if part == "[key]" and last:
            continue
        if isinstance(data, dict) and part == data.get("kind") and not _is_key(data, loc[position:], found):
            continue  # the branch of a union told apart by `kind`
        if _has(data, part):
            data = data[part]
        elif not (last and names_a_child and isinstance(data, dict)):
            unions.append(tuple(path))
            continue
        path.append(part)
    return tuple(path), unions


def _is_key(owner: dict[str, Any], rest: Sequence[str | int], found: object) -> bool:
    """Whether the first part of `rest`, which is also the kind of `owner`, is meant as a key of it."""
    return len(rest) == 1 and rest[0] in owner and owner[str(rest[0])] == found and found != owner


def _told(path: Steps, errors: list[dict[str, Any]], document: Document, model: type[BaseModel]) -> ConfigError:
    message, fix, path = _sentence(path, errors, document, model)
    key = dotted(path)
    return ConfigError(" ".join(message.split()), key=key, fix=" ".join(fix.split()), place=document.place(key))


def _sentence(
    path: Steps, errors: list[dict[str, Any]], document: Document, model: type[BaseModel]
) -> tuple[str, str, Steps]:
    error = errors[0]
    sort, found = error["type"], error["input"]
    if sort == "extra_forbidden":
        name, owners = str(path[-1]), _types_at(path[:-1], document.data, model)
        keys = [key for owner in owners for key in _keys(owner)]
        told = "a value not shown" if hides(f"{name} {found}") else called(found)
        return f"there is no such key here ({told})", nearest(name, keys), path
    if sort == "missing":
        field = _field(path, document.data, model)
        described = f" {field.description}" if field is not None and field.description else ""
        return "is missing", f"Add it:{described}" if described else "Add it.", path
    kinds = _kinds(_types_at(path, document.data, model))
    if sort == "union_tag_invalid":
        return (
            f"there is no such kind: {called(found['kind'])}",
            nearest(str(found["kind"])[:80], kinds),
            (*path, "kind"),
        )
    if sort == "union_tag_not_found" and isinstance(found, dict):
        return "has no kind", f"Add 'kind: …'. Allowed: {', '.join(kinds)}.", path
    if kinds and len(errors) == 1 and not isinstance(found, dict) and sort in _NO_MAPPING:
        return f"must be a mapping with a kind, found {called(found)}", f"Kinds: {', '.join(kinds)}.", path
    return (*_about_value(errors), path)


def _about_value(errors: list[dict[str, Any]]) -> tuple[str, str]:
    """(what is wrong, what to do) for a value of the wrong sort or size."""
    error = errors[0]
    found = error["input"]
    sentences = [e for e in errors if e["type"] in ("value_error", "assertion_error")]
    if sentences:
        return re.sub(r"^(Value error|Assertion failed), ", "", sentences[0]["msg"]), ""
    allowed = [re.findall(r"'([^']*)'", str(e["ctx"]["expected"])) for e in errors if e["type"] == "literal_error"]
    words = list(dict.fromkeys(word for each in allowed for word in each))
    musts = [_MUST_BE[e["type"]] for e in errors if e["type"] in _MUST_BE]
    if words:
        also = f", or {' or '.join(dict.fromkeys(musts))}" if musts else ""
        fix = nearest(found[:80], words) if isinstance(found, str) else ""
        fix = "" if fix.startswith("Allowed") else fix  # the sentence names them already
        return f"must be one of {', '.join(words)}{also}; found {called(found)}", fix
    if musts:
        quotable = "text" in musts and isinstance(found, bool | int | float)
        fix = f'Quote it: "{json.dumps(found)}".' if quotable else ""
        fix = "Write it without quotes." if isinstance(found, str) and "a whole number" in musts else fix
        return f"must be {' or '.join(dict.fromkeys(musts))}, found {called(found)}", fix
    return _about_size(error), ""


def _about_size(error: Mapping[str, Any]) -> str:
    """What is wrong with a value of the right sort."""
    sort, found, details = error["type"], error["input"], error.get("ctx", {})
    if sort in _LIMITS and isinstance(details.get(_LIMITS[sort][0]), int | float):
        name, words = _LIMITS[sort]
        return f"must be {words} {details[name]:g}, found {called(found)}"
    if sort == "string_pattern_mismatch":
        return f"{called(found)} is not written as it must be: pattern {details.get('pattern')}"
    if sort in ("too_short", "string_too_short"):
        return f"must have at least {details.get('min_length')} {_unit(found, details.get('min_length'))}"
    if sort in ("too_long", "string_too_long"):
        return f"may have at most {details.get('max_length')} {_unit(found, details.get('max_length'))}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, found {called(found)}"


def _unit(found: object, count: object) -> str:
    unit = "character" if isinstance(found, str) else "key" if isinstance(found, dict) else "item"
    return unit if count == 1 else f"{unit}s"


def _types_at(path: Iterable[str | int], data: Any, model: type[BaseModel]) -> list[type[BaseModel]]:
    """The classes that may own what stands at `path`, told apart by the data's `kind` where there is one."""
    annotations: list[Any] = [model]
    for step in path:
        found = [inner for each in annotations for inner in _steps_into(each, step, data)]
        data = data[step] if _has(data, step) else None
        annotations = found
    classes = [each for annotation in annotations for each in _classes(annotation)]
    kind = data.get("kind") if isinstance(data, dict) else None
    return [each for each in classes if kind in _kinds([each])] or classes


def _has(data: Any, step: str | int) -> bool:
    if isinstance(data, dict):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and step < len(data)


def _steps_into(annotation: Any, step: str | int, data: Any) -> Iterator[Any]:
    """The annotations one key or index further in."""
    for each in _alternatives(annotation):
        arguments = get_args(each)
        if isinstance(each, type) and issubclass(each, BaseModel):
            kind = data.get("kind") if isinstance(data, dict) else None
            field = _keys(each).get(str(step))
            if field is not None and (kind is None or kind in (_kinds([each]) or [kind])):
                yield _whole(field)
        elif isinstance(step, int) and get_origin(each) in (list, tuple, Sequence, set, frozenset) and arguments:
            yield arguments[0]
        elif get_origin(each) in (dict, Mapping) and len(arguments) == 2:
            yield arguments[1]


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The members of unions and catalogues within an annotation."""
    metadata = getattr(annotation, "__metadata__", ())
    for extra in metadata:
        kinds = getattr(extra, "kinds", None)
        if isinstance(kinds, dict):
            yield from kinds.values()
            return
    if metadata:
        yield from _alternatives(annotation.__origin__)
    elif get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        for each in get_args(annotation):
            yield from _alternatives(each)
    else:
        yield annotation


def _classes(annotation: Any) -> list[type[BaseModel]]:
    return [each for each in _alternatives(annotation) if isinstance(each, type) and issubclass(each, BaseModel)]


def _whole(field: FieldInfo) -> Any:
    """The annotation with its metadata, which pydantic takes apart."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _keys(owner: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in owner.model_fields.items()}


def _kinds(classes: Iterable[type[BaseModel]]) -> list[str]:
    fields = [each.model_fields.get("kind") for each in classes]
    literals = [get_args(f.annotation) for f in fields if f is not None and get_origin(f.annotation) is Literal]
    return [str(kind) for literal in literals for kind in literal]


def _field(path: Steps, data: Any, model: type[BaseModel]) -> FieldInfo | None:
    owners = _types_at(path[:-1], data, model)
    fields = [_keys(owner).get(str(path[-1])) for owner in owners]
    return next((field for field in fields if field is not None), None)
