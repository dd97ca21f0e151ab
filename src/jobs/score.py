"""Runs the stage `score` of one project.

`spark-submit --py-files dist/lakesmith.zip src/jobs/score.py --project conf/flights.yml --env local`
"""

import sys

from lakesmith.job import run_stage

if __name__ == "__main__":
    sys.exit(run_stage("score", sys.argv[1:]))
