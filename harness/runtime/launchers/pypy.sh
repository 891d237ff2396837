#!/bin/sh
# Installs PyPy from Debian's package. Usage: pypy.sh VERSION [TARGET LAUNCHERS]
set -eu

# Prints the package that is installed on this machine, or that it was not installed as a package.
origin() {
    dpkg-query -W -f "Debian package pypy3 \${Version}\n" pypy3 2>/dev/null || echo "pypy3 of this machine"
}

if [ $# = 1 ]; then
    origin
    exit
fi
target=$2

root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v pypy3 >/dev/null; then
    command -v apt-get >/dev/null || { echo "pypy: found neither pypy3 nor apt-get" >&2; exit 1; }
    echo "installing the package pypy3"
    root apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends pypy3 >&2
fi

echo "linking python to pypy3"
# Makes a link and not a script: no shell is started, and the hash is that of the interpreter.
ln -s "$(command -v pypy3)" "$target/python"
echo "{\"package\": \"$(origin)\", \"interpreter\": \"python\"}" >"$target/audit578.json"
"$target/python" -I -S -c 'import json' >&2
