#!/bin/sh
# PyPy, as Debian packages it. Usage: pypy.sh VERSION TARGET LAUNCHERS (see CONTRIBUTING.md).
set -eu
target=$2

root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v pypy3 >/dev/null; then
    command -v apt-get >/dev/null || { echo "pypy: neither pypy3 nor apt-get is there" >&2; exit 1; }
    echo "installing the package pypy3"
    root apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends pypy3 >&2
fi

echo "linking python to pypy3"
# A link and not a script: it costs no shell, and what is hashed is the interpreter.
ln -s "$(command -v pypy3)" "$target/python"
"$target/python" -I -S -c 'import json' >&2
