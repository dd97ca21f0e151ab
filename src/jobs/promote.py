"""Runs the stage `promote` of one project.

`spark-submit --py-files dist/lakesmith.zip src/jobs/promote.py --project conf/flights.yml --env local`
"""

from lakesmith.job import run_job

if __name__ == "__main__":
    run_job("promote")
