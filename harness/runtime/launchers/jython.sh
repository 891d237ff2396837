#!/bin/sh
# Installs Jython from Debian's package: Python 2.7, without audit hooks. Usage: jython.sh VERSION [TARGET LAUNCHERS]
set -eu
jar=/usr/share/java/jython.jar

# Prints the package that is installed on this machine, or that it was not installed as a package.
origin() {
    dpkg-query -W -f "Debian package jython \${Version}\n" jython 2>/dev/null || echo "jython of this machine"
}

if [ $# = 1 ]; then
    origin
    exit
fi
target=$2

root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if ! [ -e "$jar" ] || ! command -v java >/dev/null; then
    command -v apt-get >/dev/null || { echo "jython: found neither $jar nor apt-get" >&2; exit 1; }
    echo "installing the package jython"
    root apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends jython >&2
fi

echo "writing the command line"
# Calls Java itself and not the package's script. Four things halve the time of a start each: the simple compiler, the
# simple collector, -S, and no cache of Java packages (which would be written into the home folder).
cat >"$target/python" <<END
#!/bin/sh
# Jython lacks -I. It means -E and -s.
options=
while :; do
    case \${1-} in
        -I) options="\$options -E -s" ;;
        -[BESsu]) options="\$options \$1" ;;
        *) break ;;
    esac
    shift
done
exec '$(command -v java)' -Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData \\
    -Dpython.cachedir.skip=true -Dpython.home=/usr/share/jython -Dpython.executable="\$0" -jar $jar \$options "\$@"
END
chmod +x "$target/python"
echo "{\"package\": \"$(origin)\", \"interpreter\": \"$jar\"}" >"$target/audit578.json"
"$target/python" -S -c pass >&2
