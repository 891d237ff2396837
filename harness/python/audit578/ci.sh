#!/usr/bin/env bash
# Runs the suite in a CI job, and leaves its reports in a folder. `python -m audit578.ci` starts it, and so does the
# action of GitHub. It needs bash 3.2 or later and a Python, which need not be the one under test.
#
# Variables, all of which may be empty or unset:
#   AUDIT578_PYTHON    the interpreters to test, a path or a name on each line; else all that are found
#   AUDIT578_PATTERNS  the cases to run, globs between spaces or lines; else all
#   AUDIT578_GAPS      a gaps file, instead of the known gaps of the suite
#   AUDIT578_BASELINE  the results file of an earlier run, to compare with
#   AUDIT578_FAIL_ON   what fails the job: unexpected, worse or never
#   AUDIT578_SHARD     the part of the cases to run, such as 1/4
#   AUDIT578_TIMEOUT   the seconds after which a pass is ended
#   AUDIT578_OUTPUT    the folder for results and reports; else audit578-results
#   AUDIT578_VERSION   the version to install with pip; else the newest one
#   AUDIT578_PROGRAM   the program to run; then nothing is installed
#
# In the folder are results.jsonl, junit.xml, summary.md, and badges/ with an SVG image and JSON for each interpreter.
# Where GITHUB_STEP_SUMMARY, GITHUB_OUTPUT and GITHUB_ACTIONS are set, the job gets a summary, outputs and annotations.
# The exit code is that of `audit578 run`.
set -euo pipefail

output=${AUDIT578_OUTPUT:-audit578-results}
python=$(command -v python3 || command -v python || true)

# The largest summary of a step that GitHub takes, in bytes.
largest_summary=1048576

fail() {
  echo "error: $1" >&2
  exit 2
}

# Installs the program into a folder of its own, whatever the environment of the job is.
install_program() {
  local tools version=${AUDIT578_VERSION:-}
  tools=$(mktemp -d)
  "$python" -m pip install --quiet --disable-pip-version-check --target "$tools" "audit578${version:+==$version}"
  program=$tools/bin/audit578
  [ -x "$program" ] || program=$program.exe
}

# Puts the words of the command line into `arguments`.
gather_arguments() {
  local line patterns
  arguments=(run --results "$output/results.jsonl")
  while IFS= read -r line || [ -n "$line" ]; do
    [ -z "$line" ] || arguments+=(--python "$line")
  done <<<"${AUDIT578_PYTHON:-}"
  [ -z "${AUDIT578_GAPS:-}" ] || arguments+=(--gaps "$AUDIT578_GAPS")
  [ -z "${AUDIT578_BASELINE:-}" ] || arguments+=(--baseline "$AUDIT578_BASELINE")
  [ -z "${AUDIT578_FAIL_ON:-}" ] || arguments+=(--fail-on "$AUDIT578_FAIL_ON")
  [ -z "${AUDIT578_SHARD:-}" ] || arguments+=(--shard "$AUDIT578_SHARD")
  [ -z "${AUDIT578_TIMEOUT:-}" ] || arguments+=(--timeout "$AUDIT578_TIMEOUT")
  read -r -d '' -a patterns <<<"${AUDIT578_PATTERNS:-}" || true
  arguments+=(--)
  [ ${#patterns[@]} -eq 0 ] || arguments+=("${patterns[@]}")
}

write_reports() {
  "$program" report "$output/results.jsonl" --format junit --output "$output/junit.xml"
  "$program" report "$output/results.jsonl" --format markdown --output "$output/summary.md"
  "$program" report "$output/results.jsonl" --format badge --output "$output/badges"
}

# Prints the sum of a standing over all interpreters, from the results as JSON.
count() {
  "$python" -c 'import json, sys
scores = json.load(open(sys.argv[1], encoding="utf-8"))["scores"].values()
print(sum(score[sys.argv[2]] for score in scores))' "$output/results.json" "$1"
}

# Tells GitHub the numbers and the places of the reports.
write_outputs() {
  local standing
  "$program" report "$output/results.jsonl" --format json --output "$output/results.json"
  for standing in passed failed fixed new; do
    echo "$standing=$(count "$standing")"
  done
  rm "$output/results.json"
  echo "results=$output/results.jsonl"
  echo "badge=$output/badges"
}

write_summary() {
  if [ "$(wc -c <"$output/summary.md")" -le "$largest_summary" ]; then
    cat "$output/summary.md"
  else
    "$program" report "$output/results.jsonl" --format summary
  fi
}

[ -n "$python" ] || fail "there is no Python on PATH"
mkdir -p "$output"
# Nothing of an earlier run may be taken for the results of this one.
rm -rf "$output/results.jsonl" "$output/junit.xml" "$output/summary.md" "$output/badges"
program=${AUDIT578_PROGRAM:-}
[ -n "$program" ] || install_program
gather_arguments
status=0
"$program" "${arguments[@]}" || status=$?
[ -z "${GITHUB_OUTPUT:-}" ] || echo "exit-code=$status" >>"$GITHUB_OUTPUT"
if [ -s "$output/results.jsonl" ]; then
  write_reports
  [ -z "${GITHUB_OUTPUT:-}" ] || write_outputs >>"$GITHUB_OUTPUT"
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || write_summary >>"$GITHUB_STEP_SUMMARY"
  [ -z "${GITHUB_ACTIONS:-}" ] || "$program" report "$output/results.jsonl" --format github
fi
exit "$status"
