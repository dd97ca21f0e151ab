"""Stages: functions from tables and aliases to tables and aliases; each ends in a result that is recorded."""
