"""The part of the agent that answers probes. An interpreter compiles it in a third of the time of the whole agent.

The build joins it with the modules that it imports. Run it as `COMMAND ARGS hooks.py identity.py JOB`.
"""

import sys

from probe import probe
from report import Report
from system import os_exit


def answer_probe(path):
    """Answer the probe whose job is in a file, and end the process."""
    with open(path, encoding="utf-8") as file:
        job = eval(file.read(), {"true": True, "false": False, "null": None})
    probe(job, Report(job["report"]))
    os_exit(0)


if __name__ == "__main__":
    answer_probe(sys.argv[1])
