"""docs/networks.md: every snippet is a part of a valid project, whose networks can be built."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from deep.lessons import category, number, pixels
from lakesmith import project, yaml_file
from lakesmith.deep.networks import Design, Statistics, designed
from lakesmith.families import FAMILIES
from lakesmith.families.networks import Network as Family
from lakesmith.features import Slot
from lakesmith.layers import LAYERS
from lakesmith.project import Project

DOCUMENT = (Path(__file__).parents[2] / "docs" / "networks.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", DOCUMENT, re.S | re.M))
SNIPPETS = {
    heading: yaml_file.parse(found, heading).data
    for heading, text in SECTIONS.items()
    for found in re.findall(r"```yaml\n(.*?)```", text, re.S)
}
PROJECT: dict[str, Any] = {
    "name": "people",
    "sources": {
        "people": {
            "kind": "parquet", "path": "people.parquet",
            "columns": {"id": "int", "age": "double", "town": "string", "pixels": "array<smallint>", "price": "double",
                        "bought": "boolean"},
        }
    },
    "key": ["id"],
    "task": {"kind": "binary", "label": "bought"},
    "split": {"kind": "hash", "test": 0.25, "validation": 0.1},
    "features": [{"kind": "keep", "columns": ["age"]}, {"kind": "ordinal", "columns": ["town"]}],
    "families": [{"kind": "dnn"}],
}  # fmt: skip


def loaded(folder: Path, heading: str) -> Project:
    """The project with the snippet's sections in place of its own."""
    path = folder / "people.yml"
    path.write_text(yaml_file.dump({**PROJECT, **SNIPPETS[heading]}))
    return project.load(path)


def designs(of: Project) -> list[Design]:
    """The networks of a project's families, for rows as its features make them."""
    made = {"image": pixels(8, 8), "keep": (number("age"),), "ordinal": (category("town"),)}
    slots: Sequence[Slot] = [slot for each in of.features for slot in made[each.model_dump()["kind"]]]
    statistics = Statistics((0.0,) * len(slots), (1.0,) * len(slots), (9.0,) * len(slots))
    families = [each for each in of.families if isinstance(each, Family)]
    return [designed(each, slots, statistics, 0 if of.task.sort == "regression" else 2) for each in families]


@pytest.mark.parametrize("heading", SNIPPETS)
def test_a_snippet_makes_a_valid_project_with_a_network(heading: str, tmp_path: Path) -> None:
    made = loaded(tmp_path, heading)
    assert made.resolved()
    assert len(designs(made)) == len(made.families) == 1


@pytest.mark.parametrize("heading", SNIPPETS)
def test_a_snippets_network_answers(heading: str, tmp_path: Path) -> None:
    import torch

    from lakesmith.deep.transfer import started

    (design,) = designs(loaded(tmp_path, heading))
    scores, _, prediction = started(design, None).eval().answers(torch.zeros(3, design.spec["size"]))
    assert scores.shape == (3, max(1, design.spec["classes"]))
    assert prediction.isfinite().all()


def test_the_snippet_for_torch_alone_opens_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow.artifacts
    import torch

    from lakesmith.deep.transfer import started

    (design,) = designs(loaded(tmp_path, "Flattening"))
    network = started(design, None).eval()
    (tmp_path / "network.json").write_text(json.dumps(design.spec))
    torch.save(network.state_dict(), tmp_path / "state_dict.pth")
    asked = []

    def downloaded(run_id: str, artifact_path: str) -> str:
        asked.append((run_id, artifact_path))
        return str(tmp_path)

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", downloaded)
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.S)
    names = {"run_id": "1", "features": torch.rand(4, design.spec["size"])}
    exec(compile(code, "docs/networks.md", "exec"), names)
    assert asked == [("1", "network")]
    assert torch.equal(names["probability"], network.answers(names["features"])[1])


def test_the_table_and_the_text_name_keys_that_there_are() -> None:
    table = DOCUMENT[DOCUMENT.index("| word") : DOCUMENT.index("## Neurons")]
    keys = {name for each in ("dnn", "cnn") for name in FAMILIES.kinds[each].model_fields} - {"kind"}
    other = {"ordinal", "task.balance", "tune.early_termination"}
    told = set(re.findall(r"`([^`]+)`", table))
    assert told - keys - set(LAYERS.kinds) == other
    assert keys - told == {"engine"}
    assert (len(SECTIONS), len(SNIPPETS)) == (26, 16)
