"""Fails: lakesmith does not measure drift yet. The job is there so that schedules and rights can be set up for it."""

import sys

from lakesmith.job import parser

if __name__ == "__main__":
    options = parser("monitor").parse_args()
    sys.exit(f"drift of {options.project} is not measured yet: lakesmith has no stage `monitor`")
