#!/bin/sh
# Installs CPython for Windows, which runs under Wine. Usage: windows.sh VERSION [TARGET LAUNCHERS]
#
# The DLLs are those of python.org; a wheel of panda3d contains them. The library is copied from a CPython of the same
# minor version, or from Pyodide. No package has python.exe, so it is made from python.s. Wine lacks propsys.dll, which
# is made from propsys.s.
set -eu
build=$1 # with a `t` at the end for a free-threaded build
version=${build%t}
short=$(echo "$build" | tr -d .)
panda3d=1.10.16
wine=/usr/lib/x86_64-linux-gnu/wine
origin="PyPI package panda3d $panda3d"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$(cd "$2" && pwd)
launchers=$(cd "$3" && pwd)

fail() {
  echo "windows-$version: $*" >&2
  exit 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# Prints the interpreters of this machine, those with the version in their name first.
pythons() {
  for name in "python$version" python3; do
    command -v "$name" || true
    find "${PYENV_ROOT:-$HOME/.pyenv}/versions" -path "*/versions/3.*/bin/$name" 2>/dev/null | sort -rV || true
  done
}

# Prints the path of the first interpreter that runs a line of Python without an error. It asks the interpreter for its
# path, because a shim would need variables of the environment.
find_python() {
  pythons | while read -r python; do
    if "$python" -c "$1" >/dev/null 2>&1; then
      "$python" -c 'import sys; print(sys.executable)'
      break
    fi
  done
}

install_packages() {
  echo "installing Debian's packages: $*"
  root=
  [ "$(id -u)" = 0 ] || root=sudo
  $root apt-get update -qq >&2
  $root apt-get install -y -qq --no-install-recommends "$@" >&2
}

[ "$(uname -sm)" = "Linux x86_64" ] || fail "needs Linux on x86-64"
packages=
[ -x /usr/lib/wine/wine64 ] || packages="$packages wine64"
command -v x86_64-w64-mingw32-ld >/dev/null || packages="$packages binutils-mingw-w64-x86-64"
if [ -n "$packages" ]; then
  command -v apt-get >/dev/null || fail "needs$packages"
  # shellcheck disable=SC2086 # one word for each package
  install_packages $packages
fi
python=$(find_python 'import pip, sys; assert sys.version_info >= (3, 8)')
[ -n "$python" ] || fail "needs a Python with pip"

echo "downloading the DLLs of CPython $version"
"$python" -m pip download --quiet --dest "$scratch" --no-deps --only-binary :all: \
  --platform win_amd64 --implementation cp --python-version "$version" --abi "cp$short" "panda3d==$panda3d" >&2

echo "unpacking"
"$python" -m zipfile -e "$scratch"/panda3d-*.whl "$scratch/wheel"
mkdir "$target/DLLs"
cd "$scratch/wheel/deploy_libs"
rm -f api-ms-*.dll tk*.dll tcl*.dll # Wine has them; need a display
# A wheel may have the modules of both builds. The free-threaded build would import the others too.
case $build in
  *t) for module in ./*t-win_amd64.pyd; do rm -f "${module%.cp*}.pyd"; done ;;
  *) rm -f ./*t-win_amd64.pyd ;;
esac
mv python"$short".dll [Vv][Cc]*140*.dll "$target"
mv ./*.pyd ./*.dll "$target/DLLs"
cd "$scratch"
echo "{\"package\": \"$origin\", \"interpreter\": \"python$short.dll\"}" >"$target/audit578.json"

cpython=$(find_python "import sys; assert sys.implementation.name == 'cpython' and sys.version_info[:2] == (3, ${version#3.})")
if [ -n "$cpython" ]; then
  echo "copying the library of $cpython"
  cp -R "$("$cpython" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" "$target/Lib"
else
  case $version in
    3.13) pyodide=0.29.5 ;;
    3.14) pyodide=314.0.7 ;;
    *) fail "needs a CPython $version, to copy its library" ;;
  esac
  command -v npm >/dev/null || fail "needs a CPython $version, to copy its library, or npm, to download one"
  echo "downloading the library of Pyodide $pyodide"
  (cd "$scratch" && npm pack --silent "pyodide@$pyodide" >/dev/null && tar -xzf pyodide-*.tgz)
  "$python" -m zipfile -e "$scratch/package/python_stdlib.zip" "$target/Lib"
  # Removes the files that Pyodide added or changed.
  rm -rf "$target"/Lib/webbrowser.py "$target"/Lib/_pyodide "$target"/Lib/pyodide "$target"/Lib/_ssl.py "$target"/Lib/_sysconfigdata*
fi
(cd "$target/Lib" && rm -rf test idlelib lib-dynload site-packages config-* && mkdir site-packages)
find "$target/Lib" -name __pycache__ -prune -exec rm -rf {} +

echo "making python.exe"
x86_64-w64-mingw32-as -o "$scratch/python.o" "$launchers/python.s"
x86_64-w64-mingw32-ld --entry start --subsystem console --stack 4194304 --strip-all -o "$target/python.exe" \
  "$scratch/python.o" "$target/python$short.dll" $wine/x86_64-windows/ucrtbase.dll $wine/x86_64-windows/kernel32.dll
x86_64-w64-mingw32-as -o "$scratch/propsys.o" "$launchers/propsys.s"
x86_64-w64-mingw32-ld --shared --entry 0 --strip-all --export-all-symbols -o "$target/propsys.dll" \
  "$scratch/propsys.o" $wine/x86_64-windows/oleaut32.dll
sed "1s|.*|#!$python -ISB|" "$launchers/wine.py" >"$target/python"
chmod +x "$target/python"

echo "making Wine's prefix"
prefix=$target/home/.wine
mkdir "$target/home"
wine() {
  env -i PATH="$PATH" HOME="$target/home" WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe= \
    setsid -w "$@" </dev/null >/dev/null 2>&1
}
stop() {
  wine /usr/lib/wine/wineserver64 -k || true # fails if no server runs
  wine /usr/lib/wine/wineserver64 -w
  # Removes the folder of its sockets, which the prefix names. The first launcher makes a new one.
  sockets=$(cat "$prefix/wineserver" 2>/dev/null || true)
  case $sockets in wine-*) rm -rf "/tmp/$sockets" ;; esac
  rm -f "$prefix/wineserver"
}
trap 'stop; rm -rf "$scratch"' EXIT
wine /usr/lib/wine/wine64 wineboot -i || fail "Wine's prefix cannot be made"
wine /usr/lib/wine/wine64 reg import "$launchers/wine.reg" || fail "Wine's registry cannot be changed"
stop

# A prefix has 690 MB of copies of Wine's files. Links replace the copies, and Wine is told not to update them.
echo disable >"$prefix/.update-timestamp"
"$python" -c '
import filecmp, os, sys
prefix, wine = sys.argv[1:]
for folder, _, names in os.walk(prefix + "/drive_c"):
    kind = "i386-windows" if "syswow64" in folder else "x86_64-windows"
    for name in names:
        copy, own = os.path.join(folder, name), os.path.join(wine, kind, name)
        if os.path.isfile(own) and not os.path.islink(copy) and filecmp.cmp(copy, own, shallow=False):
            os.unlink(copy)
            os.symlink(own, copy)
' "$prefix" "$wine"

echo "compiling the library"
"$target/python" -I -S -m compileall -q "$target/Lib" </dev/null >/dev/null 2>&1 || true # the library has files with wrong syntax on purpose
answer=$("$target/python" -I -S -c 'import sys
print(sys.platform, "%d.%d" % sys.version_info[:2] + "t" * ("free-threading" in sys.version))' </dev/null) ||
  fail "the interpreter does not start"
[ "$(echo "$answer" | tr -d '\r')" = "win32 $build" ] || fail "the interpreter says that it is $answer"
