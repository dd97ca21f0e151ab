"""Runs the stage `ingest` of one project.

`spark-submit --py-files dist/lakesmith.zip src/jobs/ingest.py --project conf/flights.yml --env local`
"""

import sys

from lakesmith.job import run_stage

if __name__ == "__main__":
    sys.exit(run_stage("ingest", sys.argv[1:]))
