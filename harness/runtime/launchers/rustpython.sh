#!/bin/sh
# RustPython, built from its crates. Usage: rustpython.sh VERSION TARGET LAUNCHERS (see CONTRIBUTING.md).
set -eu
target=$2
version=0.6.0

for tool in cargo cc; do
    command -v "$tool" >/dev/null || { echo "rustpython: $tool is not there, and builds it" >&2; exit 1; }
done

echo "building rustpython $version (6 to 17 minutes on two processors)"
# Its crates ask for a newer Rust than they need. Optimization across crates would double the time.
CARGO_PROFILE_RELEASE_LTO=off CARGO_TARGET_DIR="$target/build" \
    cargo install rustpython --version "$version" --locked --ignore-rust-version --features sqlite --root "$target/built" >&2
mv "$target/built/bin/rustpython" "$target/python"
rm -rf "$target/build" "$target/built"

echo "copying its standard library"
# The interpreter looks first into cargo's sources, by an absolute path, which may be cleared at any time; then into
# lib/python3.14 beside itself, as CPython does.
set -- "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/rustpython-pylib-"$version"/Lib
[ -d "$1" ] || { echo "rustpython: cargo has not kept the sources of rustpython-pylib" >&2; exit 1; }
mkdir "$target/lib"
cp -R "$1" "$target/lib/python3.14"
find "$target/lib" -name __pycache__ -prune -exec rm -rf {} +
"$target/python" -I -S -B -c 'import json' >&2
