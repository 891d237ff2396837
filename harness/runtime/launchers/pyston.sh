#!/bin/sh
# Installs Pyston-lite, a just-in-time compiler as an extension, beside a CPython of this machine.
# Usage: pyston.sh VERSION [TARGET LAUNCHERS]
set -eu
version=$1
release=2.3.5

# Prints the path of a CPython of this version. It asks the interpreter, because a shim would need variables of the
# environment.
find_python() {
  for python in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python3; do
    path=$("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))' 2>/dev/null) || continue
    echo "$path"
    break
  done
}

python=$(find_python)
[ -n "$python" ] || { echo "pyston: needs a CPython $version, in PATH or of pyenv" >&2; exit 1; }
origin="PyPI package pyston_lite $release, CPython $("$python" -c 'import platform; print(platform.python_version())')"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$(cd "$2" && pwd)
launchers=$(cd "$3" && pwd)
echo "downloading Pyston-lite with pip"
packages=$target/lib/python$version/site-packages
python3 -m pip install --quiet --target "$packages" --no-deps --only-binary :all: --ignore-requires-python \
  --platform manylinux2014_x86_64 --implementation cp --python-version "$version" \
  "pyston_lite==$release" "pyston_lite_autoload==$release" >&2

echo "making a virtual environment"
# It has nothing but a link and its packages, and can be moved. The module `site` loads Pyston-lite at each start.
mkdir "$target/bin"
ln -s "$python" "$target/bin/python"
echo "home = ${python%/*}" >"$target/pyvenv.cfg"
cc -O2 -o "$target/python" "-DWORDS=\"{folder}/bin/python\"" "$launchers/launcher.c" >&2
"$target/python" -I -B -m compileall -q --invalidation-mode unchecked-hash "$packages" >&2
"$target/python" -I -B -c 'import sys; sys.exit("pyston_lite" not in sys.modules)' >&2 || { echo "Pyston-lite does not start" >&2; exit 1; }
interpreter=$(cd "$target" && find lib -name "pyston_lite*.so")
echo "{\"package\": \"$origin\", \"interpreter\": \"$interpreter\"}" >"$target/audit578.json"
