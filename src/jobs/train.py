"""Runs the stage `train` of one project.

`spark-submit --py-files dist/lakesmith.zip src/jobs/train.py --project conf/flights.yml --env local`
"""

import sys

from lakesmith.job import run_stage

if __name__ == "__main__":
    sys.exit(run_stage("train", sys.argv[1:]))
