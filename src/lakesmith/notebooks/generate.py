"""Generate: a notebook that fits a registered version again in plain PySpark and comes to the same test metrics."""

from __future__ import annotations

from pathlib import Path

from lakesmith.errors import ConfigError
from lakesmith.families import FEATURES, LABEL, WEIGHT
from lakesmith.notebooks.answers import (
    check_sort,
    column,
    comparison_code,
    label_code,
    metrics_call,
    prediction_code,
    weight_code,
)
from lakesmith.notebooks.cells import Draft
from lakesmith.notebooks.draws import drawing_calls
from lakesmith.notebooks.features import FeatureWriter, yaml_of
from lakesmith.notebooks.names import Naming
from lakesmith.notebooks.registered import Registered, registered
from lakesmith.notebooks.rendering import constructor, python, text
from lakesmith.pipelines import FeaturePlan, feature_plan
from lakesmith.splits import SPLIT
from lakesmith.tracking import Alias
from lakesmith.wording import printable
from lakesmith.workspace import Workspace, written


def generate(workspace: Workspace, alias: Alias, target: Path | None = None) -> Path:
    """The path of the notebook, `notebooks/<project>_v<version>.py` by default.

    Raises ConfigError for a file that is there with other text (it may have been edited), and for a feature or a way
    of resampling that cannot be written so that the numbers come out the same; DataError as `registered` does.
    """
    found = registered(workspace, alias)
    path = target or Path("notebooks") / f"{found.project.name}_v{found.version.number}.py"
    source = notebook(found)
    if path.exists() and path.read_text("utf-8") != source:
        raise ConfigError(f"{path} is there already, with other text", fix="Remove it, or name another file with --to.")
    return written(path, source)


def notebook(found: Registered) -> str:
    """The notebook's text, in Databricks' source format."""
    project = found.project
    check_sort(project.task)
    if found.family.learns_by_epochs:
        raise ConfigError(
            f"'{found.facts.family}' is trained by torch, which no cells of plain PySpark do",
            key="families",
            fix="Its run holds network/network.json and network/state_dict.pth, which torch opens by itself.",
        )
    missing = found.family.accepts_missing
    plan = feature_plan(project.features, found.gold.schema, project.facts, missing, weight=project.weight)
    return _Writer(found, plan).source()


class _Writer:
    """Writes the cells one after another."""

    def __init__(self, found: Registered, plan: FeaturePlan) -> None:
        self.found = found
        self.project = found.project
        self.plan = plan
        self.book = Draft()
        self.naming = Naming(found.gold.columns, plan.slots)
        self.naming.names = {
            FEATURES: self.naming.free("features"),
            LABEL: self.naming.free("label"),
            WEIGHT: self.naming.free("weight"),
        }
        self.features, self.label, self.weight = (self.naming.names[each] for each in (FEATURES, LABEL, WEIGHT))
        self.is_weighted = project_is_weighted(found)

    def source(self) -> str:
        self._title()
        self._settings()
        self._rows()
        variables = self._features()
        self._model()
        self._fit(variables)
        self._answers()
        self._metrics()
        return self.book.source()

    def _title(self) -> None:
        found, project = self.found, self.project
        told = printable(" ".join(project.description.split()))
        value = f", {found.validation[0]} {found.validation[1]:.6g}" if found.validation else ""
        self.book.tell(
            f"# {project.name}: version {found.version.number} in plain PySpark",
            *([told] if told else []),
            "",
            f"The best trial is **{found.facts.family}**{value}. This notebook fits it again on the rows that it was "
            "trained on, step by step, and comes to the test metrics of the registered version. It needs "
            f"{'xgboost, ' if found.facts.family == 'xgboost' else ''}pyspark, Delta and pandas, and nothing else: "
            "change what you like.",
        )

    def _settings(self) -> None:
        found, book = self.found, self.book
        book.import_from("pyspark.sql", "SparkSession")
        book.import_from("delta", "configure_spark_with_delta_pip")
        book.code(
            f"GOLD = {text(found.address)}",
            f"GOLD_VERSION = {found.gold_version}  # of the Delta table: the rows that version {found.version.number} "
            "was trained on",
            f"PARTITIONS = {found.partitions}  # tasks that ran at once; with others a model may differ a little",
            f"KEY = {python(list(self.project.key))}",
            "",
            "spark = SparkSession.getActiveSession()",
            "if spark is None:  # outside Databricks",
            "    import os",
            "    import sys",
            "",
            '    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers have this interpreter\'s packages',
            '    builder = SparkSession.builder.master(f"local[{PARTITIONS}]").config("spark.driver.memory", "4g")',
            '    builder = builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")',
            '    catalog = "org.apache.spark.sql.delta.catalog.DeltaCatalog"',
            '    builder = builder.config("spark.sql.catalog.spark_catalog", catalog)',
            "    spark = configure_spark_with_delta_pip(builder).getOrCreate()",
            'spark.conf.set("spark.sql.session.timeZone", "UTC")',
        )

    def _rows(self) -> None:
        found, book, project = self.found, self.book, self.project
        book.tell(
            "## Rows",
            f"One row for each {', '.join(map(printable, project.key))}. Gold says itself which part a row is in, by "
            f"the split `{yaml_of(project.split)}`. The final fit takes train and validation rows.",
        )
        read = 'spark.read.format("delta").option("versionAsOf", GOLD_VERSION)'
        book.imports["F"] = "from pyspark.sql import functions as F"
        book.code(
            f"gold = {read}.{'load' if found.is_path else 'table'}(GOLD)",
            "",
            *label_code(found.facts.target, self.label),
            "",
            f'train = gold.where(F.col("{SPLIT}").isin("train", "validation")).select("*", label)',
            f"train = train.where(F.col({text(self.label)}).isNotNull())",
            *weight_code(project.weight, getattr(project.task, "balance", False), self.label, self.weight),
            f'test = gold.where(F.col("{SPLIT}") == "test").select("*", label)',
            self._measurable(),
        )

    def _measurable(self) -> str:
        label = f"F.col({text(self.label)})"
        if self.found.facts.target.classes:
            return f"test = test.where({label}.isNotNull())"
        return f'test = test.where(F.abs({label}) < float("inf"))  # NaN is larger than that'

    def _features(self) -> list[str]:
        from lakesmith.features.learning.statistics import EXACT_ROWS
        from lakesmith.notebooks.plain import learning

        writer = FeatureWriter(
            self.project.features,
            self.plan,
            self.naming,
            self.book.import_from,
            is_sampled=self.found.facts.target.rows > EXACT_ROWS,
        )
        blocks = writer.blocks(self.found.stages[:-2])  # the last two: the family's model, and what tidies up after it
        self.book.tell(
            "## Features",
            "One cell for each feature of the project file. All stages end as stock ones of pyspark.ml, so that the "
            "fitted pipeline can be saved and loaded anywhere.",
        )
        if called := self.book.plain([learning], "\n".join(each.code for each in blocks)):
            self.book.code(called)
        for block in blocks:
            self.book.code(block.code)
        return [stage for block in blocks for stage in block.stages]

    def _model(self) -> None:
        found, task = self.found, self.project.task
        classes = found.facts.target.classes
        made = found.family.estimator(
            task.sort, classes=len(classes), weight=self.is_weighted, parallelism=found.partitions,
            seed=self.project.seed,
        )  # fmt: skip
        code = constructor(made, lambda value: self.naming.names.get(value, value) if isinstance(value, str) else value,
                           self.book.import_from)  # fmt: skip
        self.book.tell(
            "## Model",
            f"`{yaml_of(found.family.model_copy(update={'search': None}))}`: the parameters of the chosen trial.",
        )
        if task.sort == "multiclass" and len(classes) == 2 and code.startswith("SparkXGBClassifier("):
            from lakesmith.notebooks.plain import estimators

            code = code.replace("SparkXGBClassifier(", "TwoClassSoftmax(", 1)
            self.book.code(self.book.plain([estimators], code))
        self.book.code(f"estimator = {code}")

    def _fit(self, variables: list[str]) -> None:
        book = self.book
        self.book.tell(
            "## Fit",
            "Features are learned from the training rows. Then the rows are laid out by their key, in as many parts as "
            "there were tasks: where a row lies, and so what a booster or a forest makes of it, does not depend "
            "on how the table was written. The estimator works on cached vectors, so that features are computed once.",
        )
        book.import_from("pyspark.ml", "Pipeline", "PipelineModel")
        kept = [self.features, self.label, *([self.weight] if self.is_weighted else [])]
        key = ", ".join(column(each) for each in self.project.key)
        book.code(
            f"features = Pipeline(stages=[{', '.join(variables)}]).fit(train)",
            "",
            f"rows = features.transform(train.repartition(PARTITIONS, {key}).sortWithinPartitions({key}))",
        )
        self._drawing()
        fit = self._fit_call()
        book.code(
            f"vectors = rows.select({', '.join(map(text, kept))}).cache()",
            f"model = PipelineModel([*features.stages, {fit}])",
            "vectors.unpersist()",
        )

    def _fit_call(self) -> str:
        """The fit, in as many steps as the registered version was fitted in."""
        steps = self.found.family.steps() if self.project.tune.early_termination is not None else ()
        if len(steps) < 2:
            return "estimator.fit(vectors)"
        from lakesmith.notebooks.plain import boosting

        call = f"fitted_in_steps(estimator, vectors, {[each.params()['n_estimators'] for each in steps]})"
        self.book.tell(
            "Trees are added in steps, as in every trial of the search, which could end a trial after each of them."
        )
        self.book.code(self.book.plain([boosting], call))
        return call

    def _drawing(self) -> None:
        from lakesmith.notebooks.plain import drawing

        calls = drawing_calls(self.project, self.label)
        if not calls:
            return
        self.book.import_from("pyspark.ml.functions", "vector_to_array")
        self.book.tell("Classes in other shares, for training only. Probabilities are then those of these shares.")
        self.book.code(self.book.plain([drawing], "\n".join(calls)))
        again = f"F.xxhash64(vector_to_array(F.col({text(self.features)})))"
        order = f"{again}, F.col({text(self.label)})"
        laid = f"rows = rows.repartition(PARTITIONS, {again}).sortWithinPartitions({order})"
        self.book.code(*calls, "# Every task gets its part again.", laid)

    def _answers(self) -> None:
        facts = self.found.facts
        self.book.tell("## Predictions of the test rows")
        self.book.import_from("pyspark.ml.functions", "vector_to_array")
        self.book.code(
            "answered = model.transform(test)",
            *prediction_code(facts.target, facts.threshold, self.label, self.project.key),
            "predictions.show(5, truncate=False)",
        )

    def _metrics(self) -> None:
        from lakesmith.notebooks.plain import metrics

        target, expected = self.found.facts.target, self.found.metrics
        call = metrics_call(target)
        self.book.tell("## Metrics of the test rows")
        self.book.code(self.book.plain([metrics], call))
        self.book.code(f"metrics = {call}")
        known = {name: value for name, value in expected.items() if f'"{name}"' in self.book.cells[-2].text}
        self.book.imports["math"] = "import math"
        self.book.tell("## The same numbers as the registered version")
        self.book.code(*comparison_code(self.found.version.number, known))


def project_is_weighted(found: Registered) -> bool:
    """Whether training rows have weights."""
    return found.project.weight is not None or bool(getattr(found.project.task, "balance", False))
