#!/bin/sh
# Monty, a sandbox for a part of Python: it has no audit hooks. Usage: monty.sh VERSION TARGET LAUNCHERS (see CONTRIBUTING.md).
set -eu
target=$2

command -v python3 >/dev/null || { echo "monty: python3 is not there, whose pip downloads it" >&2; exit 1; }

echo "downloading Monty 1.4.0"
# The part of pydantic-monty that is a program of its own, which no Python runs.
python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$target/package" \
    pydantic-monty-runtime==1.4.0 >&2

echo "writing the command line"
cat >"$target/python" <<'END'
#!/bin/sh
# Monty has none of CPython's options that isolate it, and needs none. It takes a file or -c, and no arguments.
while :; do
    case ${1-} in
        -[IBESsu]) shift ;;
        *) break ;;
    esac
done
# A file's arguments, of which nothing could tell it, are left out.
[ "${1-}" = -c ] || set -- ${1+"$1"}
exec "${0%/*}/package/bin/monty" "$@"
END
chmod +x "$target/python"
"$target/python" -c 'pass' >&2
