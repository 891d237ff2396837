#!/bin/sh
# Installs MicroPython for WebAssembly, which runs under node, without audit hooks. Usage: micropython.sh VERSION [TARGET LAUNCHERS]
set -eu
package=@micropython/micropython-webassembly-pyscript
release=1.27.0
origin="npm package $package $release"
echo "$origin"
[ $# -gt 1 ] || exit 0

target=$2 launchers=$3
for tool in node npm; do
    command -v "$tool" >/dev/null || { echo "micropython: $tool was not found" >&2; exit 1; }
done

echo "installing MicroPython with npm"
npm install --prefix "$target" --no-save --no-package-lock --no-audit --no-fund "$package@$release" >&2

echo "writing the command line"
cp "$launchers/micropython.mjs" "$target/micropython.mjs"
# Names node by its path, because the interpreter gets only the PATH of the system.
cat >"$target/python" <<END
#!/bin/sh
exec '$(command -v node)' "\${0%/*}/micropython.mjs" "\$@"
END
chmod +x "$target/python"
echo "{\"package\": \"$origin\", \"interpreter\": \"node_modules/$package/micropython.wasm\"}" >"$target/audit578.json"
"$target/python" -c 'import json' >&2
