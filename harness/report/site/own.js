// Results files of the reader. Everything in them is hostile: it is counted, cut, and only ever shown as text. A file is
// reduced to its cells, which this window keeps until it is closed. Nothing is sent anywhere.
"use strict";

globalThis.own = (() => {
  const KEY = "audit578 own results";
  const LIMITS = { runtimes: 64, events: 5000, line: 1 << 22, name: 120, reason: 300 };
  const FAILURES = new Set(["missing", "wrong-count", "wrong-args", "unvetoed", "cold-only", "error", "crash", "timeout"]);
  const LOST = new Set(["error", "crash", "timeout"]);
  const VERDICTS = new Set([...FAILURES, "pass", "skipped", "unsupported", "open", "closed"]);
  const PROMISES = [["R", "raised"], ["A", "arguments"], ["V", "veto"], ["H", "hot"]];
  const DOORS = "doors.";

  class Problem extends Error {}

  // Returns a text as a page shows it: cut, and without characters that are invisible or change the direction of text.
  function shown(text, most = LIMITS.name) {
    const whole = String(text ?? "").replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
    return whole.length > most ? `${whole.slice(0, most)}…` : whole;
  }

  // The lines of a file, without reading all of it at once.
  async function* lines(file) {
    const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      const parts = (rest + (value ?? "")).split("\n");
      if (parts.some((line) => line.length > LIMITS.line)) throw new Problem("A line of the file is too long.");
      rest = done ? "" : parts.pop();
      yield* parts.filter((line) => line.trim());
      if (done) return;
    }
  }

  // What counts of a trial, as score.rs counts it.
  const wasRun = (trial) => trial.verdict !== "skipped" && trial.verdict !== "unsupported";

  function standing(trial) {
    const { verdict } = trial;
    if (!wasRun(trial) || verdict === "open" || verdict === "closed") return verdict;
    if (trial.gap === "fixed") return "fixed";
    if (verdict === "pass") return "passed";
    return trial.gap === "known" ? "known" : trial.isNew ? "new" : "failed";
  }

  function keeps(trial, promise) {
    if (!wasRun(trial)) return null;
    const isLost = LOST.has(trial.verdict) && (promise !== 1 || trial.hasArguments) && trial.promises[3] === "unchecked" && promise !== 3;
    if (isLost || (promise === 1 && trial.promises[0] === "broken" && trial.hasArguments)) return false;
    return { kept: true, broken: false }[trial.promises[promise]] ?? null;
  }

  function state(trials, promise) {
    const found = trials.map((trial) => keeps(trial, promise)).filter((kept) => kept !== null);
    const kept = found.filter(Boolean).length;
    if (!found.length) return ["u", "·", "unchecked"];
    if (!kept) return ["b", "✗", "broken"];
    return kept === found.length ? ["k", "✓", "kept"] : ["p", "~", `partly ${kept}/${found.length}`];
  }

  function word(trials, count, run, silent) {
    const failures = new Set(trials.map((trial) => trial.verdict).filter((verdict) => FAILURES.has(verdict)));
    const sees = (trial) => wasRun(trial) && trial.verdict !== "missing" && !LOST.has(trial.verdict)
      && !(trial.verdict === "pass" && silent.has(trial.case));
    const isMissing = failures.has("missing") && !trials.some(sees);
    if (!run) return count("unsupported") ? "no API" : "not here";
    if (count("passed") === run) return "kept";
    if (!failures.size) return "fixed";
    if (isMissing) return "missing";
    if (count("passed")) return "partly";
    return failures.size === 1 && !failures.has("missing") ? [...failures][0] : "broken";
  }

  const CLASSES = { kept: "p", fixed: "f", partly: "k", "wrong-args": "k", "wrong-count": "k", unvetoed: "k", "cold-only": "k", "not here": "s", "no API": "u" };

  // The look of a cell, in the form of those of `published`.
  function look(trials, silent) {
    const standings = trials.map(standing);
    const count = (wanted) => standings.filter((one) => one === wanted).length;
    const run = trials.filter(wasRun).length;
    const name = word(trials, count, run, silent);
    const plain = CLASSES[name] ?? "x";
    if (!run) return [plain, name, "", "", "", "", "", "", ""];
    const states = PROMISES.map((_, promise) => state(trials, promise));
    const isShown = (_, at) => at !== 3 || states[3][0] !== "u";
    const areTold = ["kept", "missing", "fixed"].includes(name);
    const failed = trials.find((trial) => ["failed", "new", "known"].includes(standing(trial)));
    return [
      plain + (count("failed") + count("new") ? " a" : ""),
      name,
      name === "partly" ? `${count("passed")}/${run}` : "",
      areTold ? "" : PROMISES.map(([letter], at) => letter + states[at][1]).filter(isShown).join(" "),
      states.map(([letter]) => letter).join(""),
      PROMISES.map(([, promise], at) => `${promise} ${states[at][2]}`).filter(isShown).join(", "),
      [["k", "known"], ["x", "failed"], ["n", "new"], ["f", "fixed"]].filter(([, one]) => count(one)).map(([letter]) => letter).join(""),
      "",
      failed?.reason ?? "",
    ];
  }

  function doors(trials) {
    const open = trials.filter((trial) => trial.verdict === "open").length;
    const tried = open + trials.filter((trial) => trial.verdict === "closed").length;
    return [tried ? (open ? "k" : "p") : "o", tried ? `${open}/${tried} open` : "not tried", "", "", "", "", "", "", ""];
  }

  function total(trials) {
    const run = trials.filter(wasRun).length;
    const passed = trials.filter((trial) => standing(trial) === "passed").length;
    const rest = trials.length - run;
    return `${run ? `${passed}/${run}` : ""}${rest ? ` (+${rest})` : ""}`;
  }

  // Reads the records that count.
  async function read(file) {
    const found = { header: null, runtimes: new Map(), trials: new Map(), silent: new Map(), complete: false };
    const events = new Set();
    for await (const line of lines(file)) {
      let record;
      try {
        record = JSON.parse(line);
      } catch {
        throw new Problem("The file is not a results file: a line of it is not JSON, or it was cut short.");
      }
      if (!found.header) {
        if (record?.record !== "header") throw new Problem("The file is not a results file of audit578: it does not begin with a header.");
        if (record.format !== 1) throw new Problem("The file has another format than this site reads, which is 1.");
        found.header = record;
      } else if (record?.record === "runtime") {
        found.runtimes.set(String(record.name), record);
      } else if (record?.record === "case") {
        const { snippet, invoke, expect } = record.description ?? {};
        const expects = Array.isArray(expect) && expect.some((one) => one?.event === record.event);
        if ((snippet !== undefined || invoke !== undefined) && !expects) {
          const event = String(record.event);
          found.silent.set(event, (found.silent.get(event) ?? new Set()).add(String(record.case)));
        }
      } else if (record?.record === "trial" && VERDICTS.has(record.verdict)) {
        const [runtime, event] = [String(record.runtime), String(record.event)];
        events.add(event);
        if (!found.trials.has(runtime)) found.trials.set(runtime, new Map());
        if (found.trials.size > LIMITS.runtimes) throw new Problem(`The file has more than ${LIMITS.runtimes} runtimes.`);
        if (events.size > LIMITS.events) throw new Problem(`The file has more than ${LIMITS.events} events.`);
        const all = found.trials.get(runtime);
        if (!all.has(event)) all.set(event, []);
        all.get(event).push({
          case: String(record.case), module: String(record.module), verdict: record.verdict, gap: record.gap?.state, isNew: record.new === true,
          promises: PROMISES.map(([, promise]) => record[promise] ?? "unchecked"), hasArguments: record.asserts !== "name",
          reason: shown(record.gap?.reason ?? record.reason, LIMITS.reason),
        });
      }
      found.complete = record?.record === "footer";
    }
    if (!found.header) throw new Problem("The file is empty.");
    return found;
  }

  function column(name, all, found) {
    const cells = [];
    const modules = new Map();
    const allDoors = [];
    for (const [event, trials] of all) {
      const isDoor = event.startsWith(DOORS);
      cells.push([event, isDoor ? doors(trials) : look(trials, found.silent.get(event) ?? new Set())]);
      if (isDoor) allDoors.push(...trials);
      else modules.set(trials[0].module, [...modules.get(trials[0].module) ?? [], ...trials]);
    }
    const events = cells.filter(([event]) => !event.startsWith(DOORS) && !event.startsWith("pep578."));
    const tried = events.filter(([, [kind]]) => "pfkx".includes(kind[0])).length;
    const kept = events.filter(([, [kind]]) => "pf".includes(kind[0])).length;
    const probe = found.runtimes.get(name)?.probe;
    const totals = [...modules].map(([module, trials]) => [module, total(trials)]);
    if (allDoors.length) totals.push(["doors", doors(allDoors)[1].replace(/ open|not tried/, "")]);
    return {
      name: shown(name), version: shown(probe ? `Python ${probe.language}, ${probe.platform}` : ""), tried, kept,
      ran: cells.some(([, [kind]]) => "pfkx".includes(kind[0])),
      cells, totals,
    };
  }

  // Reduces a file and keeps the result in this window. Returns a sentence about the problem if there is one.
  async function keep(file) {
    try {
      const found = await read(file);
      const columns = [...found.trials].map(([name, all]) => column(name, all, found)).filter((one) => one.ran);
      if (!columns.length) throw new Problem("The file has no runtime on which a case was run.");
      const kept = { file: shown(file.name), started: shown(found.header.started, 40), suite: shown(found.header.suite).slice(0, 12), complete: found.complete, columns };
      sessionStorage.setItem(KEY, JSON.stringify(kept));
      return "";
    } catch (error) {
      if (error instanceof Problem) return error.message;
      return error.name === "QuotaExceededError" ? "The file has more cells than this window can keep." : `The file cannot be read: ${shown(error.message)}`;
    }
  }

  return {
    keep,
    kept: () => JSON.parse(sessionStorage.getItem(KEY) ?? "null"),
    forget: () => sessionStorage.removeItem(KEY),
    shown,
  };
})();
