// A command line for MicroPython on WebAssembly: node micropython.mjs [OPTION...] [FILE | -c CODE | -] [ARGUMENT...]
//
// Its files are in memory. This script reads the program; the program itself cannot see files of the host. CPython's
// options for isolation and buffering are ignored.

import { readFileSync, writeSync } from "node:fs";
import { loadMicroPython } from "./node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs";

const IGNORED = new Set(["-I", "-S", "-B", "-E", "-s", "-u"]);

/** Returns the program's text and its sys.argv. */
function program(words) {
  while (IGNORED.has(words[0])) words.shift();
  const [first, ...rest] = words;
  if (first === undefined || first === "-") return { source: readFileSync(0, "utf8"), argv: [first ?? "", ...rest] };
  if (first === "-c") return { source: rest[0], argv: ["-c", ...rest.slice(1)] };
  if (first.startsWith("-")) throw new Error(`unknown option ${first}`);
  return { source: readFileSync(first, "utf8"), argv: words };
}

/** Returns a function that writes what it is given, byte by byte or in pieces, to a descriptor a line at a time. */
function writer(descriptor) {
  let waiting = [];
  const flush = () => {
    let rest = Uint8Array.from(waiting);
    waiting = [];
    while (rest.length > 0) rest = rest.subarray(written(descriptor, rest));
  };
  const write = (bytes) => {
    waiting.push(...bytes);
    if (waiting.includes(10) || waiting.length > 4096) flush();
  };
  return { write, flush };
}

/** Writes as much as possible. A full pipe takes nothing at the moment. */
function written(descriptor, bytes) {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if (error.code === "EAGAIN") return 0;
    throw error;
  }
}

/** Runs a program, and returns its exit status. */
function run(python, { source, argv }) {
  try {
    python.runPython(`import sys\nsys.argv.extend(${JSON.stringify(argv)})\ndel sys`);
    python.runPython(source);
    return 0;
  } catch (error) {
    if (error.name !== "PythonError") throw error;
    // The interpreter gives only the text of the traceback.
    const [, code] = /^SystemExit: (.*)$/m.exec(error.type === "SystemExit" ? error.message : "") ?? [];
    if (code !== undefined && /^(-?\d+|None|)$/.test(code)) return Number(code === "None" ? 0 : code) & 255;
    process.stderr.write(code === undefined ? error.message : `${code}\n`);
    return 1;
  }
}

let status = 2;
const [stdout, stderr] = [writer(1), writer(2)];
try {
  const given = program(process.argv.slice(2));
  const python = await loadMicroPython({ stdout: stdout.write, stderr: stderr.write, linebuffer: false, heapsize: 1 << 24 });
  status = run(python, given);
} catch (error) {
  process.stderr.write(`micropython: ${error.message}\n`);
}
stdout.flush();
stderr.flush();
process.exitCode = status;
