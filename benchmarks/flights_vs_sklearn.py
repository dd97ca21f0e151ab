"""Test-month ROC AUC and PR AUC of conf/flights.yml against HistGradientBoostingClassifier at its defaults.

Both see the same gold rows and the same feature vectors: those of the registered pipeline, learned on the training
rows. Three seeds each; for lakesmith a seed means a whole tuning with that seed.
`python benchmarks/flights_vs_sklearn.py [--seeds 3] [--workspace .lakesmith]`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import functions as F
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score

from lakesmith import demo_data, places, project, workspace
from lakesmith.pipelines import FEATURES
from lakesmith.progress import Progress
from lakesmith.splits import SPLIT
from lakesmith.stages.evaluate import EvaluateResult
from lakesmith.stages.order import selected
from lakesmith.stages.running import run_in

CONF = Path(__file__).parent.parent / "conf" / "flights.yml"


def vectors(opened: workspace.Workspace, part: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The feature matrix and the label of one part of gold, as the champion's feature stages make them."""
    challenger = opened.tracking.at("challenger")
    assert challenger is not None
    stages = opened.tracking.load(challenger).stages
    until = next(
        i
        for i, stage in enumerate(stages)
        if stage.hasParam("outputCol") and stage.getOrDefault("outputCol") == FEATURES
    )
    rows = PipelineModel(stages[: until + 1]).transform(opened.tables.read("gold").where(F.col(SPLIT) == part))
    label = F.col(opened.project.task.label).cast("int")
    table = rows.select(label.alias("y"), vector_to_array(F.col(FEATURES)).alias("x")).toArrow()
    size = len(table)
    return table["x"].combine_chunks().flatten().to_numpy().reshape(size, -1), table["y"].to_numpy()


def main() -> None:
    """Prints both models' metrics for every seed, and the means."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--workspace", default=None)
    given = options.parse_args()
    found: dict[str, list[tuple[float, float]]] = {"lakesmith": [], "scikit-learn": []}
    where = places.load(CONF, None, given.workspace)
    demo_data.unpack(Path(where.data))
    for seed in range(given.seeds):
        conf = project.load(CONF, [f"seed={seed + 7}"])
        with workspace.opened(conf, where, Progress()) as opened:
            run_in(opened, selected("+evaluate"))
            told = opened.previous("evaluate", EvaluateResult)
            assert told is not None
            found["lakesmith"].append((told.challenger["roc_auc"], told.challenger["pr_auc"]))
            if seed == 0:
                train, test = vectors(opened, "train"), vectors(opened, "test")
        model = HistGradientBoostingClassifier(random_state=seed).fit(*train)
        score = model.predict_proba(test[0])[:, 1]
        found["scikit-learn"].append((roc_auc_score(test[1], score), average_precision_score(test[1], score)))
        for name, values in found.items():
            print(f"seed {seed} {name:12} ROC AUC {values[-1][0]:.4f}  PR AUC {values[-1][1]:.4f}", flush=True)
    for name, values in found.items():
        roc, pr = np.mean(values, axis=0)
        print(f"mean   {name:12} ROC AUC {roc:.4f}  PR AUC {pr:.4f}")


if __name__ == "__main__":
    main()
