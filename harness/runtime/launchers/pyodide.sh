#!/bin/sh
# Installs Pyodide, CPython for WebAssembly under node. Usage: pyodide.sh VERSION [TARGET LAUNCHERS]
set -eu
version=$1

case $version in
    3.13) release=0.29.5 ;;
    3.14) release=314.0.7 ;;
    3.15) release=315.0.0-alpha.2 ;;
    *) echo "pyodide: no release for Python $version" >&2; exit 1 ;;
esac
origin="npm package pyodide $release"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$2 launchers=$3
for tool in node npm python3; do
    command -v "$tool" >/dev/null || { echo "pyodide: $tool was not found" >&2; exit 1; }
done

echo "installing pyodide@$release with npm"
npm install --prefix "$target" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund "pyodide@$release" >&2
cp "$launchers/pyodide.mjs" "$target/"
# Starts node without a shell, because a shell would add variables to the environment of Python.
cat >"$target/python" <<END
#!$(command -v node)
import("./pyodide.mjs");
END
chmod +x "$target/python"
echo "{\"package\": \"$origin\", \"interpreter\": \"node_modules/pyodide/pyodide.asm.wasm\"}" >"$target/audit578.json"

# The library is one zip file of sources. Without this, each process would compile it again.
echo "compiling the standard library"
python3 -m zipfile -e "$target/node_modules/pyodide/python_stdlib.zip" "$target/stdlib"
"$target/python" -I -S -m compileall -q --invalidation-mode unchecked-hash "/lib/python$(echo "$version" | tr -d .).zip" >&2
