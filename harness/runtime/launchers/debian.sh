#!/bin/sh
# Installs an interpreter of a newer Debian beside the machine's own packages, without root: packages are unpacked and not
# installed, and bring their own C library. Usage: debian.sh VERSION [TARGET LAUNCHERS]
set -eu
version=$1

# Suites are tried in this order: versions leave the archive as newer ones come.
suites="sid testing"
case $version in
  pypy-3.11-7.3) package=pypy3 program=pypy3.11 suites=trixie ;;
  pypy-*) package=pypy3 program=pypy${version#pypy-} ;;
  *-debug) package=python${version%-debug}-dbg program=python${version%-debug}d ;;
  *) package=python$version program=python$version ;;
esac

fail() {
  echo "$package: $*" >&2
  exit 1
}

# shellcheck source=harness/runtime/launchers/apt.sh
. "${0%/*}/apt.sh"
for suite in $suites; do
  echo "looking for $package in Debian $suite"
  look_in_debian deb "$suite"
  release=$(apt cache show "$package" | sed -n 's/^Version: //p' | head -n 1)
  [ -z "$release" ] || break
done
[ -n "$release" ] || fail "not in Debian's suites: $suites"
origin="Debian package $package $release ($suite)"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$(cd "$2" && pwd)
launchers=$(cd "$3" && pwd)
echo "downloading $package $release"
apt get install -y --download-only "$package" >&2
echo "unpacking"
for archive in "$scratch"/archives/*.deb; do
  dpkg-deb -x "$archive" "$scratch/tree"
done
# Takes the interpreter, its library, and the C libraries. The rest is documentation, fonts and the like.
[ -e "$scratch/tree/usr/bin/$program" ] || fail "the package has no $program"
library=${program%d}
system=$(cd "$scratch/tree/usr/lib" && find . -maxdepth 1 -name "*-linux-gnu*")
system=${system#./}
mkdir "$target/bin" "$target/lib"
mv "$scratch/tree/usr/bin/$program" "$target/bin"
mv "$scratch/tree/usr/lib/$library" "$scratch/tree/usr/lib/$system" "$target/lib"
cd "$target/lib"
rm -rf "$system"/gconv "$system"/*.a "$library"/config-* "$library"/test "$library"/idlelib
find . -lname '/*' -exec rm {} + # leads out of the folder
loader=$(echo "$system"/ld-linux*.so.*)
interpreter=bin/$program
case $program in pypy*) interpreter=lib/$system/lib$program-c.so ;; esac
cd "$target"
echo "{\"package\": \"$origin\", \"interpreter\": \"$interpreter\"}" >audit578.json

echo "compiling the launcher and the library"
words="\"{folder}/lib/$loader\", \"--inhibit-cache\", \"--library-path\", \"{folder}/lib/$system\", \"--argv0\", \"{name}\""
cc -O2 -o python "-DWORDS=$words, \"{folder}/bin/$program\"" "$launchers/launcher.c" >&2
# Debian compiles when it installs. The files stay valid in a copy of the folder, because no time of a file is compared.
./python -I -S -m compileall -q -j 0 --invalidation-mode unchecked-hash "lib/$library" >&2 || true # some have wrong syntax on purpose
./python -I -S -B -c 'import hashlib, json, ssl, sqlite3' >&2 || fail "the interpreter does not start"
