"""The Python side of audit578: it observes cases inside an interpreter, and raises no events of its own.

The build joins this folder's modules into one script. Run it as `python agent.py JOB` for one job, as
`python agent.py serve` to fork a child for each job on standard input, and as `python agent.py share` to do one after
another in the same interpreter. Cases with `invoke` import it as `sitecustomize`, with AUDIT578_JOB in the environment.

PROTOCOL.md describes jobs and reports. A job is a file with one Python literal: JSON, with names for true, false and
null. Each event is written to the report as it is raised, so that it is not lost in a crash, `os._exit` or `exec*`.

The modules use the standard library only and the syntax of Python 3.8. They import as little as possible: if the agent
has imported a module, a snippet that imports it raises fewer events.
"""

import os
import sys

from fork import run_job, serve
from report import Report
from share import share
from trial import read_job, watch_process


def main(argument):
    """Do the job in a file, or become a warm or shared interpreter."""
    if argument == "serve":
        serve()
    if argument == "share":
        share()
    run_job(read_job(argument))


def watch_command_line():
    """Watch the process that has imported this script as `sitecustomize`."""
    job = read_job(os.environ.pop("AUDIT578_JOB"))
    watch_process(job, Report(job["report"]))


if __name__ == "__main__":
    main(sys.argv[1])
elif __name__ == "sitecustomize":
    watch_command_line()
