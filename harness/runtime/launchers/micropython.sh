#!/bin/sh
# MicroPython for WebAssembly, run by node: it has no audit hooks. Usage: micropython.sh VERSION TARGET LAUNCHERS (see CONTRIBUTING.md).
set -eu
target=$2 launchers=$3

for tool in node npm; do
    command -v "$tool" >/dev/null || { echo "micropython: $tool is not there" >&2; exit 1; }
done

echo "installing the npm package of MicroPython 1.27.0"
npm install --prefix "$target" --no-save --no-package-lock --no-audit --no-fund \
    @micropython/micropython-webassembly-pyscript@1.27.0 >&2

echo "writing the command line"
cp "$launchers/micropython.mjs" "$target/micropython.mjs"
# node by its path: the interpreter is called with the PATH of the system alone.
cat >"$target/python" <<END
#!/bin/sh
exec '$(command -v node)' "\${0%/*}/micropython.mjs" "\$@"
END
chmod +x "$target/python"
"$target/python" -c 'import json' >&2
