// Pyodide as an ordinary Python command line under node: `python [-I -S ...] [FILE | -c CODE | -m MODULE | -] ARGS`.
//
// Python's own `main` reads the arguments and the environment and `Py_RunMain` runs them, so that flags, exit statuses
// and the events of start-up and shutdown are genuine. The bridge to JavaScript (some 160 modules) makes Pyodide's start
// slow, and is left out: there is no module `js`, and no event loop for asyncio. The folders of the host have their own
// paths, except for /lib, /proc, /sys and /dev (without /dev/shm), which are Emscripten's.
//
// `python --serve` keeps the compiled Python, and runs each command line that it gets in an interpreter of its own.
// Each line on standard input is an object in JSON:
//     args     the words behind `python`
//     cwd      the working directory, an absolute path
//     env      the whole environment, an object
//     stdin    the file to read from
//     stdout   the file for standard output, which is made, or emptied
//     stderr   the file for standard error, likewise
//     timeout  how long it may run, in seconds
//     again    whether command lines with the same args, cwd and env may share one start: Python then reads the files
//              of its start only once, and all have the same hash seed
// The reply to each, at its end, is a line on standard output that begins with the character U+001E:
// {"status": N}, {"crash": "why"} (where another Python would be killed by a signal) or {"timeout": SECONDS}. At the
// end of standard input node ends.
import fs from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { isatty } from "node:tty";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

const HERE = dirname(fileURLToPath(import.meta.url));
const PYTHON = join(HERE, "python");
const PYODIDE = join(HERE, "node_modules", "pyodide");

// Emscripten's own folders, which Python needs.
const NOT_OF_THE_HOST = ["dev", "lib", "proc", "sys"];

// An interpreter with more memory than this, in bytes, is not used again, because memory never shrinks.
const LARGE = 256 << 20;

// One instance of Pyodide. It runs one command line, or many one after another, each from the same memory.
class Machine {
  streams = [0, 1, 2];

  // Makes an instance of a compiled module, in which Python has not run yet.
  static async create(wasm) {
    const machine = new Machine();
    machine.module = await (await factory())({
      noInitialRun: true,
      thisProgram: PYTHON,
      API: { config: { jsglobals: globalThis }, runtimeEnv: { IN_NODE: true } },
      preRun: [(module) => machine.furnish(module)],
      print: (text) => fs.writeSync(machine.streams[2], `${text}\n`),
      printErr: (text) => fs.writeSync(machine.streams[2], `${text}\n`),
      instantiateWasm: (imports, done) => done(new WebAssembly.Instance(wasm, withMarker(imports)), wasm),
    });
    return machine;
  }

  // Saves the memory before the first command line.
  keep() {
    this.blank = this.checkpoint();
    this.blankTrace = this.trace();
  }

  // Puts the standard library and the standard streams into the file system.
  furnish(module) {
    const { FS } = this.module = module;
    const version = module.HEAPU32[module._Py_Version >>> 2];
    const [major, minor] = [version >>> 24, (version >>> 16) & 255];
    FS.mkdirTree(`/lib/python${major}.${minor}/site-packages`);
    FS.mkdirTree(`/lib/python${major}.${minor}/lib-dynload`);
    FS.init();
    [0, 1, 2].forEach((number) => this.replaceStream(number));
    this.folders = [[join(HERE, "stdlib"), `/lib/python${major}${minor}.zip`], ["/dev/shm", "/dev/shm"]];
    const folders = fs.readdirSync("/").filter((name) => !NOT_OF_THE_HOST.includes(name)).map((name) => `/${name}`);
    this.folders.push(...folders.map((folder) => [folder, folder]));
    this.folders = this.folders.filter(([folder]) => isFolder(folder));
    this.folders.forEach(([, place]) => FS.mkdirTree(place));
  }

  // Makes standard streams that carry bytes at once. Emscripten's carry whole lines of text.
  replaceStream(number) {
    const { FS } = this.module;
    const name = `/dev/${["stdin", "stdout", "stderr"][number]}`;
    const device = FS.makedev(64, number);
    const host = (action) => this.onHost(() => action(this.streams[number]));
    FS.registerDevice(device, {
      open: (stream) => {
        stream.seekable = false;
        stream.tty = isatty(this.streams[number]) ? { ops: {} } : undefined;
      },
      read: (_, buffer, offset, length) => host((file) => fs.readSync(file, buffer, offset, length, null)),
      write: (_, buffer, offset, length) => host((file) => fs.writeSync(file, buffer, offset, length)),
    });
    FS.closeStream(number);
    FS.unlink(name);
    FS.mkdev(name, device);
  }

  // Calls a function on a file of the host, and repeats it while the file is not ready.
  onHost(action) {
    for (;;) {
      try {
        return action();
      } catch (error) {
        if (error.code === "EOF") return 0;
        if (error.code !== "EAGAIN") throw new this.module.FS.ErrnoError(this.module.ERRNO_CODES[error.code] ?? 29);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
  }

  checkpoint() {
    return { memory: this.module.HEAPU8.slice(), stack: this.module.stackSave() };
  }

  restore({ memory, stack }) {
    this.module.HEAPU8.set(memory);
    this.module.HEAPU8.fill(0, memory.length);
    this.module.stackRestore(stack);
  }

  // Runs a command line with three files of the host as its standard streams. Returns its exit status, or the error
  // that ended it.
  run({ args, cwd, env, again }, streams) {
    this.streams = streams;
    try {
      this.open(cwd);
      this.start(args, env, again && JSON.stringify([args, cwd, env]));
      return { status: this.call("Py_RunMain") };
    } catch (error) {
      if (error?.name === "ExitStatus") return { status: error.status };
      this.isBroken = true;
      // Emscripten's errors have a number as message.
      return { crash: `${error?.name}: ${error?.message ?? error?.errno}` };
    }
  }

  // Starts Python for a command line, or restores the memory of the last start that had the same key.
  start(args, env, key) {
    if (key && this.started?.key === key) {
      this.restore(this.started);
      return;
    }
    if (this.blank) this.restore(this.blank);
    this.setEnvironment(env);
    const argv = [PYTHON, ...args].map((text) => this.text(text));
    const place = this.call("malloc", 4 * argv.length + 4) >>> 2;
    this.module.HEAPU32.set([...argv, 0], place);
    try {
      this.call("main", argv.length, place << 2);
    } catch (error) {
      // This main returns with an exception, as is usual for Emscripten, and Python runs on.
      if (error !== "unwind") throw error;
    }
    if (key) this.started = { key, ...this.checkpoint() };
  }

  // Removes variables such as USER, which Emscripten made up when it made the instance.
  setEnvironment(env) {
    this.call("clearenv");
    for (const [name, value] of Object.entries(env)) {
      this.call("setenv", this.text(name), this.text(value), 1);
    }
  }

  // Calls a function of C.
  call(name, ...args) {
    return this.module.resolveGlobalSymbol(name).sym(...args);
  }

  // Returns the address of a copy of a text.
  text(text) {
    const bytes = Buffer.from(`${text}\0`);
    const place = this.call("malloc", bytes.length);
    this.module.HEAPU8.set(bytes, place);
    return place;
  }

  // Opens the file system for a command line.
  open(cwd) {
    const { FS } = this.module;
    const { NODEFS } = FS.filesystems;
    this.folders.forEach(([root, place]) => FS.mount(NODEFS, { root }, place));
    ["/dev/stdin", "/dev/stdout", "/dev/stderr"].forEach((name, number) => FS.open(name, number ? 1 : 0));
    FS.chdir(cwd);
  }

  // Closes the files that a command line left open, and forgets the folders of the host that it read.
  close() {
    const { FS } = this.module;
    FS.streams.filter(Boolean).forEach((stream) => FS.close(stream));
    FS.chdir("/");
    this.folders.forEach(([, place]) => FS.unmount(place));
  }

  // Tells whether the last command line left no residue: it has ended, and no timer runs.
  isClean() {
    return !this.isBroken && !this.hasTimer && this.module.HEAPU8.length < LARGE && this.trace() === this.blankTrace;
  }

  // Returns the state besides the memory: the files in Emscripten's folders, and the loaded libraries.
  trace() {
    const walk = ({ mode, usedBytes, contents }) => (this.module.FS.isDir(mode)
      ? [mode, ...Object.entries(contents).map(([name, node]) => [name, walk(node)])]
      : [mode, usedBytes]);
    return JSON.stringify([walk(this.module.FS.root), Object.keys(this.module.LDSO.loadedLibsByName)]);
  }
}

function isFolder(path) {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

// Compiles Python with the quick compiler. Code that runs often is compiled again, and better, while it runs.
function compile() {
  return new WebAssembly.Module(fs.readFileSync(join(PYODIDE, "pyodide.asm.wasm")));
}

// Returns the function that makes instances, which differs between versions.
async function factory() {
  globalThis.require = createRequire(join(PYODIDE, "package.json"));
  globalThis.__dirname = PYODIDE;
  const paths = ["pyodide.asm.mjs", "pyodide.asm.js"].map((name) => join(PYODIDE, name));
  const loaded = await import(pathToFileURL(paths.find((path) => fs.existsSync(path))));
  return globalThis._createPyodideModule ?? loaded.default;
}

// Adds the import that Emscripten lacks: a value of JavaScript that marks an error.
function withMarker(imports) {
  const marker = Symbol("error");
  const isMarker = (value) => (value === marker ? 1 : 0);
  imports.sentinel = { create_sentinel: () => marker, is_sentinel: isMarker };
  imports.env.Jsv_GetError_import = () => marker;
  imports.env.JsvError_Check = isMarker;
  return imports;
}

// Runs the command line of this process.
async function main(args) {
  const machine = await Machine.create(compile());
  const { status, crash } = machine.run({ args, cwd: process.cwd(), env: process.env }, [0, 1, 2]);
  if (crash) {
    fs.writeSync(2, `${crash}\n`);
    process.kill(process.pid, "SIGABRT");
  }
  process.exit(status);
}

// The thread that runs the command lines. When one leaves residue, the thread is replaced with all that is in it.
class Thread {
  constructor(wasm) {
    this.worker = new Worker(fileURLToPath(import.meta.url), { workerData: wasm });
    this.worker.on("error", (error) => this.fail(error.stack ?? String(error)));
    this.worker.on("exit", () => this.fail("the thread has ended"));
    this.worker.on("message", ({ result, isClean }) => this.end(result, isClean));
  }

  async run(job) {
    if (this.failure) return this.failure;
    this.worker.postMessage(job);
    this.timer = setTimeout(() => this.end({ timeout: job.timeout }), 1000 * (job.timeout ?? 1e6));
    return new Promise((resolve) => { this.resolve = resolve; });
  }

  fail(crash) {
    this.failure = { crash };
    this.end(this.failure);
  }

  end(result, isClean = false) {
    clearTimeout(this.timer);
    this.isClean = isClean;
    this.resolve?.(result);
  }
}

async function serve() {
  const wasm = compile();
  let thread = new Thread(wasm);
  for await (const line of createInterface({ input: process.stdin })) {
    const result = await thread.run(JSON.parse(line));
    if (!thread.isClean) {
      await thread.worker.terminate();
      thread = new Thread(wasm);
    }
    fs.writeSync(1, `\x1e${JSON.stringify(result)}\n`);
  }
  process.exit(0);
}

// Runs the command lines that the main thread sends.
async function work(wasm) {
  const machine = await Machine.create(wasm);
  machine.keep();
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (...args) => {
    machine.hasTimer = true;
    return setTimeout(...args);
  };
  parentPort.on("message", (job) => {
    const streams = [fs.openSync(job.stdin), fs.openSync(job.stdout, "w"), fs.openSync(job.stderr, "w")];
    const result = machine.run(job, streams);
    if (result.crash) fs.writeSync(streams[2], `${result.crash}\n`);
    machine.close();
    streams.forEach((file) => fs.closeSync(file));
    parentPort.postMessage({ result, isClean: machine.isClean() });
  });
}

if (!isMainThread) {
  await work(workerData);
} else if (process.argv[2] === "--serve") {
  await serve();
} else {
  await main(process.argv.slice(2));
}
