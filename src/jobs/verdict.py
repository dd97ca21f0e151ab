# Databricks notebook source
# Passes on what `evaluate` found, as the task value `gates`: task values can be set from notebooks only.
from lakesmith import api

for name in ("project", "env", "workspace"):
    dbutils.widgets.text(name, "")
project, env, workspace = (dbutils.widgets.get(name) for name in ("project", "env", "workspace"))
judged = api.open(project, env=env, workspace=workspace).results().judged
assert judged is not None, "the version that was trained last has not been evaluated: repair the task `evaluate`"

# COMMAND ----------

dbutils.jobs.taskValues.set(key="gates", value="passed" if judged.passed else "failed")
print("\n".join(judged.told()) or "No gate is declared.")
