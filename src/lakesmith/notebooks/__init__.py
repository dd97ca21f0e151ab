"""Notebooks: a registered model written out as plain PySpark that runs where lakesmith is not installed."""
