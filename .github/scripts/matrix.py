"""Makes the matrix of jobs from `audit578 install --list --json`: prints `runtimes=` and the names as JSON."""

import json
import sys

print("runtimes=" + json.dumps([recipe["name"] for recipe in json.load(sys.stdin)]))
