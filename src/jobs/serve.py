"""Serves the champion from a Databricks endpoint: makes it, or moves it to the champion's version.

Run by the train job after a promotion, where the bundle's variable `serve` is true.
"""

from lakesmith.serving.endpoints import run_serve

if __name__ == "__main__":
    run_serve()
