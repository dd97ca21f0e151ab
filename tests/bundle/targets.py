"""The bundle as one target sees it: files merged, the target's part laid over, variables and references resolved.

What the Databricks CLI does to names in the target dev (prefixes) and what only a workspace knows (ids) is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TARGETS = ("dev", "staging", "prod")
REFERENCE = re.compile(r"\$\{([^}]+)\}")


def read(file: str) -> dict[str, Any]:
    """One YAML file of the bundle."""
    return yaml.safe_load((ROOT / file).read_text("utf-8"))


def bundle(target: str) -> dict[str, Any]:
    """The whole bundle for one target, every reference resolved. KeyError for a reference to what is not there."""
    found = read("databricks.yml")
    overlay = found.pop("targets")[target]
    for pattern in found.pop("include"):
        for file in sorted(ROOT.glob(pattern)):
            found = merged(found, read(str(file.relative_to(ROOT))))
    for name, value in overlay.pop("variables", {}).items():
        found["variables"][name]["default"] = value
    found = merged(found, overlay)
    found["bundle"]["target"] = target
    user = "11111111-2222-3333-4444-555555555555" if target != "dev" else "me@example.com"
    root = found.get("workspace", {}).get("root_path", f"/Workspace/Users/{user}/.bundle/lakesmith/{target}")
    found["workspace"] = {"current_user": {"userName": user}, "root_path": root, "file_path": f"{root}/files"}
    for volume in found["resources"]["volumes"].values():
        parts = [volume["catalog_name"], volume["schema_name"], volume["name"]]
        volume["volume_path"] = "/".join(["/Volumes", *parts])
    return resolved(found, found)


def merged(one: Any, other: Any) -> Any:
    """Maps merged key by key, everything else replaced."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one[key], other[key]) if key in one and key in other else {**one, **other}[key]
                for key in {**one, **other}}  # fmt: skip
    return other


def resolved(value: Any, whole: dict[str, Any]) -> Any:
    """The value with every `${a.b}` in it replaced; one that is all of a string may be any value."""
    if isinstance(value, dict):
        return {key: resolved(each, whole) for key, each in value.items()}
    if isinstance(value, list):
        return [resolved(each, whole) for each in value]
    if not isinstance(value, str):
        return value
    alone = REFERENCE.fullmatch(value)
    if alone:
        return resolved(looked_up(alone[1], whole), whole)
    return REFERENCE.sub(lambda each: str(resolved(looked_up(each[1], whole), whole)), value)


def looked_up(path: str, whole: dict[str, Any]) -> Any:
    """What a reference names, itself unresolved. KeyError for what is not there."""
    first, *rest = path.split(".")
    if first == "var":
        return whole["variables"][rest[0]]["default"]
    found: Any = whole[first]
    for part in rest:
        found = found[part]
    return found


def references(target: str) -> set[str]:
    """Every reference in the files of the bundle."""
    texts = [(ROOT / "databricks.yml").read_text(), *(file.read_text() for file in (ROOT / "resources").glob("*.yml"))]
    return {name for text in texts for name in REFERENCE.findall(text)}
