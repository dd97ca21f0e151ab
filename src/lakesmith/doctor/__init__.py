"""Doctor: what on this machine or cluster would stop a run, told before one is tried.

A check is one function in one file by topic, marked with `@check`; `checks.all_checks` finds them in this folder.
"""
