# Databricks notebook source
# MAGIC %md
# MAGIC # Compare runs
# MAGIC
# MAGIC A challenger is trained with one thing changed, and judged against the champion of `02_train` on rows that
# MAGIC were test rows for both. Nothing is promoted here.

# COMMAND ----------

# MAGIC %md
# MAGIC On Databricks: `make dist` builds the wheel; it asks for what a runtime may lack, and leaves Spark and Delta,
# MAGIC which are the runtime's own, alone. With `lakesmith notebook run` the next cell does nothing.

# COMMAND ----------

# MAGIC %pip install ../dist/lakesmith-0.1.0-py3-none-any.whl

# COMMAND ----------

dbutils.widgets.text("project", "../conf/wine.yml", "Project file, seen from this notebook's folder")
dbutils.widgets.text("env", "", "Environment: a file of conf/env")
dbutils.widgets.text("change", "families=[{kind: random_forest}]", "What the challenger does otherwise, as key=value")

# COMMAND ----------

from lakesmith import api

change = dbutils.widgets.get("change")
project = api.open(dbutils.widgets.get("project"), env=dbutils.widgets.get("env") or None, sets=[change])
trained = project.train()
evaluated = project.evaluate()
print(f"version {evaluated.version} against champion version {evaluated.champion}")
evaluated

# COMMAND ----------

# MAGIC %md
# MAGIC ## Trials

# COMMAND ----------

project.leaderboard()

# COMMAND ----------

# MAGIC %md
# MAGIC ## Challenger against champion
# MAGIC
# MAGIC `difference_from` and `difference_to` bound the 95 % bootstrap interval of challenger minus champion: where it
# MAGIC holds 0, the test rows do not tell the two apart.

# COMMAND ----------

import pandas as pd

shared = pd.DataFrame(
    {
        "challenger": evaluated.challenger_shared,
        "champion": evaluated.champion_shared,
        "baseline": evaluated.baseline,
        "greater_is_better": evaluated.greater_is_better,
    }
)
difference = pd.DataFrame(evaluated.difference, index=["difference_from", "difference_to"]).T
print(f"{evaluated.shared_rows} shared test rows; the baseline is {evaluated.baseline_told}")
display(shared.join(difference).rename_axis("metric").reset_index())

# COMMAND ----------

# MAGIC %md
# MAGIC ## Both cards

# COMMAND ----------

project.challenger()

# COMMAND ----------

project.champion()

# COMMAND ----------

# MAGIC %md
# MAGIC ## The experiment's runs in MLflow
# MAGIC
# MAGIC One run a training, and under it one a trial.

# COMMAND ----------

import mlflow

mlflow.set_tracking_uri(project.tracking.uri)
runs = mlflow.search_runs([project.tracking.experiment_id], order_by=["attributes.start_time"])
measured = [f"metrics.{name}" for name in (trained.metric, f"test_{trained.metric}") if f"metrics.{name}" in runs]
display(runs[["tags.mlflow.runName", "params.family", *measured, "status", "start_time", "run_id"]])
