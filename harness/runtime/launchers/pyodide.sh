#!/bin/sh
# Sets Pyodide up: sh pyodide.sh VERSION TARGET LAUNCHERS
set -eu
version=$1 target=$2 launchers=$3

case $version in
    3.13) release=0.29.5 ;;
    3.14) release=314.0.7 ;;
    3.15) release=315.0.0-alpha.2 ;;
    *) echo "there is no Pyodide for Python $version" >&2; exit 1 ;;
esac
for tool in node npm python3; do
    command -v "$tool" >/dev/null || { echo "Pyodide needs $tool, which was not found" >&2; exit 1; }
done

echo "installing pyodide@$release with npm"
npm install --prefix "$target" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund "pyodide@$release" >&2
cp "$launchers/pyodide.mjs" "$target/"
# No shell stands between, which would add variables to the environment that Python sees.
cat >"$target/python" <<END
#!$(command -v node)
import("./pyodide.mjs");
END
chmod +x "$target/python"

# Pyodide carries the library as one zip file of sources, which it would compile anew in each process.
echo "compiling the standard library"
python3 -m zipfile -e "$target/node_modules/pyodide/python_stdlib.zip" "$target/stdlib"
"$target/python" -I -S -m compileall -q --invalidation-mode unchecked-hash "/lib/python$(echo "$version" | tr -d .).zip" >&2
