#!/bin/sh
# Installs Monty, a sandbox for a part of Python, without audit hooks. Usage: monty.sh VERSION [TARGET LAUNCHERS]
set -eu
package=pydantic-monty-runtime # the part of pydantic-monty that runs without a Python
release=1.4.0
origin="PyPI package $package $release"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$2
command -v python3 >/dev/null || { echo "monty: python3 was not found; its pip downloads Monty" >&2; exit 1; }

echo "downloading Monty with pip"
python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$target/package" "$package==$release" >&2

echo "writing the command line"
cat >"$target/python" <<'END'
#!/bin/sh
# Monty lacks CPython's options for isolation, and does not need them. It takes a file or -c, without arguments.
while :; do
    case ${1-} in
        -[IBESsu]) shift ;;
        *) break ;;
    esac
done
# Drops the arguments of a file, because Monty cannot pass them on.
[ "${1-}" = -c ] || set -- ${1+"$1"}
exec "${0%/*}/package/bin/monty" "$@"
END
chmod +x "$target/python"
echo "{\"package\": \"$origin\", \"interpreter\": \"package/bin/monty\"}" >"$target/audit578.json"
"$target/python" -c 'pass' >&2
