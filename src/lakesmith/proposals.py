"""Proposals: what to try next. The only importer of hyperopt.

A proposal depends on the seed, the trial's number and the records before it, and on nothing that lives in memory: a
search that was killed and resumed goes on as the undisturbed one would have. hyperopt is only asked (`suggest`): each
time it is told all earlier trials anew, from their records.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from lakesmith.errors import located
from lakesmith.trial_reports import last_reported
from lakesmith.trials import Candidate, TrialRecord, identity

if TYPE_CHECKING:
    from lakesmith.search import Space
    from lakesmith.tuning_settings import Tuning

ATTEMPTS = 200  # draws for one trial before the space is taken to be exhausted
TPE_ATTEMPTS = 20  # of them by tpe, which tends to propose its favourite again; the others are random


@dataclass(frozen=True)
class Proposal:
    """One trial to be run: the family's position, and values for its searched parameters."""

    candidate: int
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Equal for equal trials."""
        return identity(self.candidate, self.params)


def configured(candidates: Sequence[Candidate]) -> list[Proposal]:
    """Each family as it is configured, so that a search never loses to the configuration."""
    return [
        Proposal(position, {name: candidate.params()[name] for name in candidate.space()})
        for position, candidate in enumerate(candidates)
    ]


class Proposer:
    """Proposals for families that have something to search, after each has been tried as configured."""

    def __init__(
        self, candidates: Sequence[Candidate], settings: Tuning, seed: int, *, greater_is_better: bool
    ) -> None:
        self._settings = settings
        self._seed = seed
        self._sign = -1.0 if greater_is_better else 1.0
        self._spaces = {i: dict(each.space()) for i, each in enumerate(candidates) if each.space()}
        self._grids = self._grid_values() if settings.algorithm == "grid" else {}

    @property
    def grid_size(self) -> int | None:
        """Points of the grid over all families; None for another algorithm."""
        if self._settings.algorithm != "grid":
            return None
        return sum(math.prod(len(values) for values in grid.values()) for grid in self._grids.values())

    def next(
        self, number: int, records: Sequence[TrialRecord], running: Mapping[int, Proposal] | None = None
    ) -> Proposal | None:
        """A trial that was not proposed before; None when there seems to be none left."""
        under_way = running or {}
        seen = {identity(each.candidate, each.params) for each in records}
        seen |= {each.identity for each in under_way.values()}
        if not self._spaces:
            return None
        if self._settings.algorithm == "grid":
            return next((each for each in self._grid() if each.identity not in seen), None)
        draws = (self._drawn(number, attempt, records, under_way) for attempt in range(ATTEMPTS))
        return next((each for each in draws if each.identity not in seen), None)

    def _drawn(
        self, number: int, attempt: int, records: Sequence[TrialRecord], running: Mapping[int, Proposal]
    ) -> Proposal:
        text = f"{self._seed}:{number}:{attempt}".encode()
        seed = int.from_bytes(hashlib.sha256(text).digest()[:4], "big")
        if self._settings.algorithm == "random":
            rng = Random(seed)
            candidate = rng.choice(sorted(self._spaces))
            return Proposal(candidate, {name: space.draw(rng) for name, space in self._spaces[candidate].items()})
        is_tpe = self._settings.algorithm == "tpe" and attempt < TPE_ATTEMPTS
        startup = self._settings.startup_trials if is_tpe else None
        return self._search_graph.suggest(number, self._told(records, running), seed, startup)

    def _told(
        self, records: Sequence[TrialRecord], running: Mapping[int, Proposal]
    ) -> list[tuple[int, Proposal, float | None]]:
        """(number, trial, loss) of every earlier trial; the loss of one that failed or still runs is None."""
        worst = max((loss for each in records if (loss := self._loss(each)) is not None), default=None)
        told = [
            (each.number, Proposal(each.candidate, each.params), self._loss(each, worst))
            for each in records
            if each.candidate in self._spaces
        ]
        told += [(number, each, None) for number, each in running.items() if each.candidate in self._spaces]
        return sorted(told, key=lambda each: each[0])

    def _loss(self, record: TrialRecord, worst: float | None = None) -> float | None:
        """What is minimised; of a trial that was ended early its last report, but never less than the `worst` of those
        that finished: an easy first fold would make it look good, and tpe would go where nobody wants to be."""
        if record.is_finished and record.metric is not None:
            return self._sign * record.metric
        last = last_reported(record) if record.status == "terminated" else None
        if last is None or worst is None:
            return None
        return max(self._sign * last, worst) if math.isfinite(last) else worst

    @cached_property
    def _search_graph(self) -> _SearchGraph:
        return _SearchGraph(self._spaces)

    def _grid_values(self) -> dict[int, dict[str, tuple[Any, ...]]]:
        grids: dict[int, dict[str, tuple[Any, ...]]] = {}
        for position, spaces in self._spaces.items():
            for name, space in spaces.items():
                with located(f"families[{position}].search.{name}"):
                    grids.setdefault(position, {})[name] = space.grid()
        return grids

    def _grid(self) -> Iterator[Proposal]:
        for position, grid in self._grids.items():
            for values in itertools.product(*grid.values()):
                yield Proposal(position, dict(zip(grid, values, strict=True)))


class _SearchGraph:
    """The families' spaces as one hyperopt space: a choice of the family, then that family's own parameters."""

    def __init__(self, spaces: Mapping[int, Mapping[str, Space]]) -> None:
        from hyperopt import hp
        from hyperopt.base import Domain

        self._spaces = spaces
        self._order = sorted(spaces)
        branches = [
            {name: self._node(hp, f"{position}.{name}", space) for name, space in spaces[position].items()}
            for position in self._order
        ]
        self._domain = Domain(None, hp.choice("family", branches), pass_expr_memo_ctrl=False)

    def suggest(
        self, number: int, told: Sequence[tuple[int, Proposal, float | None]], seed: int, startup_trials: int | None
    ) -> Proposal:
        """What tpe (random draws before `startup_trials`) or, for None, hyperopt's random search tries next."""
        from hyperopt import Trials, rand, tpe

        trials = Trials()
        trials.insert_trial_docs([doc for each in told if (doc := self._document(*each)) is not None])
        trials.refresh()
        if startup_trials is None:
            (document,) = rand.suggest([number], self._domain, trials, seed)
        else:
            (document,) = tpe.suggest(
                [number], self._domain, trials, seed, n_startup_jobs=startup_trials, verbose=False
            )
        drawn = {label: values[0] for label, values in document["misc"]["vals"].items() if len(values)}
        position = self._order[int(drawn["family"])]
        spaces = self._spaces[position].items()
        return Proposal(position, {name: space.value(float(drawn[f"{position}.{name}"])) for name, space in spaces})

    @staticmethod
    def _node(hp: Any, label: str, space: Space) -> Any:
        form, arguments = space.form()
        if form == "choice":
            return hp.choice(label, list(range(int(arguments[0]))))
        return getattr(hp, form)(label, *arguments)

    def _document(self, number: int, proposal: Proposal, loss: float | None) -> dict[str, Any] | None:
        """The trial as hyperopt keeps it; None where a value lies outside its space (a configured one may)."""
        from hyperopt.base import JOB_STATE_DONE, STATUS_FAIL, STATUS_OK

        numbers: dict[str, float] = {"family": self._order.index(proposal.candidate)}
        for name, space in self._spaces[proposal.candidate].items():
            found = space.number(proposal.params.get(name))
            if found is None:
                return None
            numbers[f"{proposal.candidate}.{name}"] = int(found) if space.form()[0] == "choice" else found
        labels = self._domain.params
        misc = {
            "tid": number,
            "cmd": self._domain.cmd,
            "workdir": None,
            "idxs": {label: [number] if label in numbers else [] for label in labels},
            "vals": {label: [numbers[label]] if label in numbers else [] for label in labels},
        }
        result = {"status": STATUS_FAIL} if loss is None else {"status": STATUS_OK, "loss": loss}
        unused = dict.fromkeys(("spec", "owner", "book_time", "refresh_time", "exp_key"))
        return {**unused, "tid": number, "result": result, "misc": misc, "state": JOB_STATE_DONE, "version": 0}
