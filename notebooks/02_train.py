# Databricks notebook source
# MAGIC %md
# MAGIC # Train a champion
# MAGIC
# MAGIC All stages of one project file: what has not changed since the last run is skipped, and a run that was stopped
# MAGIC goes on where it was.

# COMMAND ----------

# MAGIC %md
# MAGIC On Databricks: `make dist` builds the wheel; it asks for what a runtime may lack, and leaves Spark and Delta,
# MAGIC which are the runtime's own, alone. With `lakesmith notebook run` the next cell does nothing.

# COMMAND ----------

# MAGIC %pip install ../dist/lakesmith-0.1.0-py3-none-any.whl

# COMMAND ----------

dbutils.widgets.text("project", "../conf/wine.yml", "Project file, seen from this notebook's folder")
dbutils.widgets.text("env", "", "Environment: a file of conf/env")

# COMMAND ----------

from pathlib import Path

from lakesmith import api, demo_data

project = api.open(dbutils.widgets.get("project"), env=dbutils.widgets.get("env") or None)
files = demo_data.unpack(Path(project.places.data))  # the examples' raw files; leave out for data of your own

# COMMAND ----------

# MAGIC %md
# MAGIC ## Run
# MAGIC
# MAGIC One stage can be called alone as well: `project.train()`. A gate that fails is told in the summary; the
# MAGIC champion that is there already stays.

# COMMAND ----------

project.run()

# COMMAND ----------

# MAGIC %md
# MAGIC ## Trials
# MAGIC
# MAGIC Features are learned anew on the training rows of each fold, so that no row is judged by what was learned from
# MAGIC it.

# COMMAND ----------

project.leaderboard()

# COMMAND ----------

# MAGIC %md
# MAGIC ## The champion
# MAGIC
# MAGIC The version that scores, with what it was measured to be on the test rows and what it reads.

# COMMAND ----------

project.champion()

# COMMAND ----------

# MAGIC %md
# MAGIC It is a plain `PipelineModel` of Spark's own stages. `mlflow.spark.load_model` opens it where lakesmith is not
# MAGIC installed.

# COMMAND ----------

[type(stage).__name__ for stage in project.model().stages]
