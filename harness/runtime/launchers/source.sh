#!/bin/sh
# Builds CPython from the source package of Debian or Ubuntu. Usage: source.sh VERSION [TARGET LAUNCHERS]
# A `t` at the end of VERSION makes a free-threaded build. Debian has no package of it.
set -eu
version=${1%t}
program=python$1
[ $# = 1 ] || target=$(cd "$2" && pwd)

fail() {
  echo "cpython-$version: $*" >&2
  exit 1
}

# shellcheck source=harness/runtime/launchers/apt.sh
. "${0%/*}/apt.sh"
cd "$scratch"

# Downloads the source from the suite that was looked in last. Sets `tarball`. The other files of the package may be
# missing, and only this one is checked.
download() {
  echo "looking for the source in $1"
  apt get source --download-only --tar-only "python$version" >&2 || true
  tarball=$(find . -maxdepth 1 -name "python${version}_*.orig.tar.xz")
  origin="source package python$version in $1"
}

# Ubuntu keeps sources that Debian has no more. Two packages of Debian tell where, and which keys sign them.
download_from_ubuntu() {
  look_in_debian deb sid
  apt get download debootstrap ubuntu-keyring >&2
  for archive in ./*.deb; do
    dpkg-deb -x "$archive" ubuntu
  done
  keys=$scratch/ubuntu/usr/share/keyrings/ubuntu-archive-keyring.gpg
  archive=$(sed -n 's/.*default_mirror //p' ubuntu/usr/share/debootstrap/scripts/gutsy | head -n 1)
  for suite in devel resolute; do
    look_in deb-src "$keys" "$archive" "$suite"
    download "Ubuntu $suite"
    [ -z "$tarball" ] || break
  done
}

for suite in sid testing; do
  look_in_debian deb-src "$suite"
  download "Debian $suite"
  [ -z "$tarball" ] || break
done
[ -n "$tarball" ] || download_from_ubuntu
[ -n "$tarball" ] || fail "found no source"
release=${tarball#*_}
origin="$origin, ${release%.orig.tar.xz}"
echo "$origin"
[ $# -gt 1 ] || exit 0

echo "configuring"
mkdir source
tar -xJf "$tarball" -C source --strip-components 1
cd source
threads=
case $1 in *t) threads=--disable-gil ;; esac
./configure --quiet --prefix="$target" --without-ensurepip --disable-test-modules ${threads:+"$threads"} \
  OPT="-O1 -DNDEBUG -g0" >&2

echo "compiling (2 to 5 minutes on two processors)"
make -s -j "$(nproc)" >&2
make -s altinstall >&2
cd "$target"
library=lib/$program
rm -rf share include lib/pkgconfig lib/*.a "$library"/config-* "$library"/idlelib
ln -s "bin/$program" python
echo "{\"package\": \"$origin\", \"interpreter\": \"bin/$program\"}" >audit578.json

echo "compiling the library"
find "$library" -name __pycache__ -prune -exec rm -rf {} +
./python -I -S -m compileall -q -j 0 --invalidation-mode unchecked-hash "$library" >&2 || true # some have wrong syntax on purpose
./python -I -S -B -c 'import ctypes, hashlib, json, ssl, sqlite3' >&2 || fail "a module of the library is missing: install the headers of its C library"
