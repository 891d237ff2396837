#!/bin/sh
# Builds RustPython from its crates. Usage: rustpython.sh VERSION [TARGET LAUNCHERS]
set -eu
version=0.6.0
origin="crate rustpython $version"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$2
for tool in cargo cc; do
    command -v "$tool" >/dev/null || { echo "rustpython: $tool was not found; it is needed for the build" >&2; exit 1; }
done

echo "building rustpython $version (6 to 17 minutes on two processors)"
# The crates demand a newer Rust than they need. Optimization across crates would double the time of the build.
CARGO_PROFILE_RELEASE_LTO=off CARGO_TARGET_DIR="$target/build" \
    cargo install rustpython --version "$version" --locked --ignore-rust-version --features sqlite --root "$target/built" >&2
mv "$target/built/bin/rustpython" "$target/python"
rm -rf "$target/build" "$target/built"
echo "{\"package\": \"$origin\", \"interpreter\": \"python\"}" >"$target/audit578.json"

echo "copying its standard library"
# The interpreter looks for its library in cargo's sources first, by an absolute path. These may be removed at any time.
# Then it looks in lib/python3.14 beside itself, as CPython does.
set -- "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/rustpython-pylib-"$version"/Lib
[ -d "$1" ] || { echo "rustpython: the sources of rustpython-pylib were not found below CARGO_HOME" >&2; exit 1; }
mkdir "$target/lib"
cp -R "$1" "$target/lib/python3.14"
find "$target/lib" -name __pycache__ -prune -exec rm -rf {} +
"$target/python" -I -S -B -c 'import json' >&2
