"""Torch, where the project has a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakesmith import project
from lakesmith.doctor import networks
from lakesmith.doctor.findings import Finding

from .fakes import only, seen

CONF = Path(__file__).parent.parent.parent / "conf"


def answered(name: str | None) -> Finding:
    return only(networks.torch, seen(CONF, project=project.load(CONF / f"{name}.yml") if name is not None else None))


def test_torch_is_asked_for_where_the_project_has_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    there = networks.find_spec
    assert answered("digits_cnn").state == "ok"
    assert "torch 2." in answered("digits_cnn").found
    monkeypatch.setattr(networks, "find_spec", lambda name: None if name == "torch" else there(name))
    missing = answered("digits_cnn")
    assert (missing.state, missing.found) == ("problem", "cnn needs torch, which is not installed")
    assert missing.fix == "pip install 'lakesmith[deep]'"
    assert answered("wine").state == answered(None).state == "ok"
