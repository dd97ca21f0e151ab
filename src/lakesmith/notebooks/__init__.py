"""Notebooks in Databricks source format: read, run and shown here as they run there, and a registered model written out
as one in plain PySpark, which runs where lakesmith is not installed."""
