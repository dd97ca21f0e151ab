"""Runs the stage `ingest` of one project.

`spark-submit --py-files dist/lakesmith.zip src/jobs/ingest.py --project conf/flights.yml --env local`
"""

from lakesmith.job import run_job

if __name__ == "__main__":
    run_job("ingest")
