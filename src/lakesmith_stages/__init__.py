"""The stages of a model that Spark ML has not: a network, and an array as a vector.

A model that holds one carries this package with it (MLflow's `code/`), so that it opens where lakesmith is not
installed. Nothing here imports lakesmith; torch is needed for networks alone.
"""
