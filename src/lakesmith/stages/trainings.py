"""What a fit keeps on disk while the train stage runs, and the networks that others go on from."""

from __future__ import annotations

import shutil
from pathlib import Path

from lakesmith.errors import ConfigError
from lakesmith.tracking import NETWORK_STATE, Version
from lakesmith.workspace import Workspace

TRAININGS = "trainings"
MODELS = "models:/"


def folder(workspace: Workspace, key: str) -> Path:
    """Where fits of this key keep rows and progress, there again after a kill; what other keys left is removed."""
    every = workspace.folder / TRAININGS
    own = every / key
    for other in every.iterdir() if every.is_dir() else ():
        if other != own:
            shutil.rmtree(other, ignore_errors=True)
    return own


def remove(workspace: Workspace) -> None:
    """Removes what fits have kept: the model is registered."""
    shutil.rmtree(workspace.folder / TRAININGS, ignore_errors=True)


def versions(workspace: Workspace) -> dict[str, str]:
    """Address → what it stands for now: the version of a model, the size and time of a file."""
    return {address: _named(workspace, address, position)[1] for address, position in _addresses(workspace)}


def bases(workspace: Workspace, own: Path) -> dict[str, Path]:
    """Address → a file with the state dict of torch. Raises ConfigError, with the family's place, for an address that
    leads nowhere, or to a model that is no network."""
    found = {}
    for address, position in _addresses(workspace):
        base, _ = _named(workspace, address, position)
        with workspace.project.located(f"families[{position}]"):
            path: Path | None
            if isinstance(base, Version):
                path = workspace.tracking.download(base, NETWORK_STATE, own / f"base-{position}")
            else:
                path = base
            if path is None:
                raise ConfigError(f"{address} is no network", key="base", fix="Name a model of the family dnn or cnn.")
            found[address] = path
    return found


def _addresses(workspace: Workspace) -> list[tuple[str, int]]:
    every = [(family.starts_from(), position) for position, family in enumerate(workspace.project.families)]
    return [(address, position) for address, position in every if address is not None]


def _named(workspace: Workspace, address: str, position: int) -> tuple[Version | Path, str]:
    """A version or a file, and what tells it from what stood there before."""
    with workspace.project.located(f"families[{position}]"):
        if address.startswith(MODELS):
            name = address.removeprefix(MODELS)
            if "@" not in name and "/" not in name:
                raise ConfigError(
                    f"{address} names no version", key="base", fix=f"Write {address}@champion, or {address}/<version>."
                )
            version = workspace.tracking.named(name)
            if version is None:
                raise ConfigError(
                    f"no model is registered as {name}", key="base", fix="Train and promote it first, or name another."
                )
            return version, str(version.number)
        path = Path(workspace.places.data) / address
        if not path.is_file():
            raise ConfigError(f"there is no file {path}", key="base", fix="Name a state dict of torch (a .pth file).")
        return path, f"{path.stat().st_size} {path.stat().st_mtime_ns}"
