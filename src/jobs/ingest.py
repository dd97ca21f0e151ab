"""Runs the stage `ingest` of one project: `spark-submit --py-files dist/lakesmith.zip src/jobs/ingest.py --project FILE`."""

import sys

from lakesmith.job import run_stage

if __name__ == "__main__":
    sys.exit(run_stage("ingest", sys.argv[1:]))
