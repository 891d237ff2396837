#!/bin/sh
# Installs CinderX, a just-in-time compiler as an extension, into a CPython of Debian. Usage: cinderx.sh VERSION [TARGET LAUNCHERS]
set -eu
version=$1
launchers=${0%/*}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

echo "downloading CinderX with pip"
python3 -m pip install --quiet --target "$scratch/packages" --no-deps --only-binary :all: --ignore-requires-python \
  --platform manylinux_2_28_x86_64 --implementation cp --python-version "$version" cinderx >&2
release=$(basename "$scratch"/packages/cinderx-*.dist-info .dist-info)
base=$(sh "$launchers/debian.sh" "$version" | tail -n 1)
origin="PyPI package cinderx ${release#cinderx-}, $base"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$(cd "$2" && pwd)
sh "$launchers/debian.sh" "$version" "$target" "$launchers"
echo "adding CinderX"
packages=lib/python3/dist-packages
cd "$target"
mkdir "${packages%/*}"
mv "$scratch/packages" "$packages"
# The module `site` reads this file at each start: without it, nothing is compiled just in time.
echo "import cinderx.jit; cinderx.jit.auto()" >"$packages/cinderx.pth"
./python -I -S -m compileall -q --invalidation-mode unchecked-hash "$packages" >&2
./python -I -B -c 'import sys; sys.exit("_cinderx" not in sys.modules)' >&2 || { echo "CinderX does not start" >&2; exit 1; }
interpreter=$(echo "$packages"/_cinderx.cpython-*.so)
echo "{\"package\": \"$origin\", \"interpreter\": \"$interpreter\"}" >audit578.json
