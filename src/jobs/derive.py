"""Runs the stage `derive` of one project.

`spark-submit --py-files dist/lakesmith.zip src/jobs/derive.py --project conf/flights.yml --env local`
"""

from lakesmith.job import run_job

if __name__ == "__main__":
    run_job("derive")
