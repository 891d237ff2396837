// The matrix: filters, folding, choice of columns, keyboard. The address of the page holds all state.
"use strict";
(() => {
  const table = document.getElementById("matrix");
  const form = document.getElementById("filters");
  const looks = JSON.parse(document.getElementById("looks").textContent);
  const families = [...table.tHead.rows[0].cells].slice(2);
  const columns = [...table.tHead.rows[1].cells].slice(2).map((head) => ({ head, ...head.dataset }));
  const groups = [...table.tBodies].map((body) => {
    const [row, ...rows] = body.rows;
    return {
      body, row, name: body.dataset.module, hasRules: "rules" in body.dataset, button: row.querySelector("button"),
      totals: row.dataset.t?.trim().split(" "),
      lines: rows.map((line) => ({
        row: line, page: line.cells[0].querySelector("a").getAttribute("href"), event: line.cells[0].textContent, text: line.cells[0].textContent.toLowerCase(),
        codes: line.dataset.c.split(" ").map(Number),
      })),
    };
  });
  const lines = groups.flatMap((group) => group.lines);
  const first = columns.filter((column) => !column.head.hidden);
  let built = first;
  let chosen = new Set(first);
  const folded = new Set();

  // State and address

  function read() {
    const query = new URLSearchParams(location.search);
    for (const name of ["q", "verdict", "module", "platform"]) form[name].value = query.get(name) ?? "";
    form.diff.checked = query.has("diff");
    const names = query.get("columns")?.split(",");
    chosen = names ? new Set(columns.filter((column) => names.includes(column.slug))) : new Set(first);
    folded.clear();
    for (const name of query.get("folded")?.split(",") ?? []) folded.add(name);
  }

  function write() {
    const query = new URLSearchParams();
    for (const name of ["q", "verdict", "module", "platform"]) if (form[name].value) query.set(name, form[name].value);
    if (form.diff.checked) query.set("diff", "");
    const isFirst = chosen.size === first.length && first.every((column) => chosen.has(column));
    if (!isFirst) query.set("columns", [...chosen].map((column) => column.slug).join(","));
    if (folded.size) query.set("folded", [...folded].join(","));
    const text = query.toString();
    history.replaceState(null, "", (text ? "?" + text : location.pathname) + location.hash);
  }

  // Cells

  function link(cell, line, column, [, word, , notes, ratio, promises]) {
    const anchor = document.createElement("a");
    anchor.href = `${line.page}#${column.slug}`;
    anchor.tabIndex = -1;
    anchor.title = `${line.event} on ${column.name}: ${word}${ratio && " " + ratio}${promises && ", " + promises}${notes && ", known gap " + notes}`;
    anchor.append(...cell.childNodes);
    cell.append(anchor);
  }

  function cell(line, at) {
    const look = looks[line.codes[at]];
    const cell = document.createElement("td");
    cell.className = look[0];
    cell.append(look[4] ? `${look[1]} ${look[4]}` : look[1]);
    for (const [name, text] of [["b", look[2]], ["sup", look[3]]]) {
      if (text) cell.appendChild(document.createElement(name)).append(text);
    }
    link(cell, line, columns[at], look);
    return cell;
  }

  function total(text) {
    const cell = document.createElement("td");
    const [run, apart] = text.split("+");
    if (!run.endsWith("/0")) cell.append(run);
    if (apart !== "0") cell.appendChild(document.createElement("i")).append("+" + apart);
    return cell;
  }

  // Shows other columns than before. Cells are made from their codes, as the page has only the first columns.
  function build(shown) {
    if (shown.length === built.length && shown.every((column, at) => column === built[at])) return;
    for (const column of columns) column.head.hidden = !shown.includes(column);
    for (const family of families) {
      family.colSpan = Math.max(1, shown.filter((column) => column.implementation === family.dataset.implementation).length);
      family.style.setProperty("--span", family.colSpan);
      family.hidden = !shown.some((column) => column.implementation === family.dataset.implementation);
    }
    const places = shown.map((column) => columns.indexOf(column));
    for (const group of groups) {
      group.totals ??= [...group.row.cells].slice(1).map((cell) => {
        const [run, apart] = cell.textContent.split("+");
        return `${run || "0/0"}+${apart ?? 0}`;
      });
      group.row.replaceChildren(group.row.cells[0], ...places.map((at) => total(group.totals[at])));
      for (const line of group.lines) {
        line.row.replaceChildren(line.row.cells[0], line.row.cells[1], ...places.map((at) => cell(line, at)));
      }
    }
    built = shown;
  }

  // Filters

  const kinds = { failure: "knx", known: "k", failed: "x", new: "n", fixed: "f" };

  // The class of a cell is that of its most important case. `failures` has those of all its cases that did not pass.
  function shows([, word, , , , , failures], outcome) {
    return kinds[outcome] ? [...kinds[outcome]].some((kind) => failures.includes(kind)) : word === outcome;
  }

  function differs(line, places) {
    // A case that is not for a runtime does not count as a difference.
    const ran = places.map((at) => looks[line.codes[at]]).filter(([kind]) => kind !== "s" && kind !== "o");
    return ran.some((look) => look[1] !== ran[0][1] || look[2] !== ran[0][2]);
  }

  function apply() {
    const { q, verdict, module, platform, diff } = form;
    const shown = columns.filter((column) => chosen.has(column) && (!platform.value || column.platform === platform.value));
    build(shown);
    const places = shown.map((column) => columns.indexOf(column));
    const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const count = [0, 0];
    for (const group of groups) {
      const isModule = !module.value || group.name === module.value;
      let any = false;
      for (const line of group.lines) {
        const fits = isModule && words.every((word) => line.text.includes(word))
          && (!verdict.value || places.some((at) => shows(looks[line.codes[at]], verdict.value)))
          && (!diff.checked || differs(line, places));
        count[Number(group.hasRules)] += fits;
        any ||= fits;
        line.row.hidden = !fits || folded.has(group.name);
      }
      group.body.hidden = !any;
      group.button.setAttribute("aria-expanded", !folded.has(group.name));
    }
    document.getElementById("count").textContent = `${counted(count)}, ${shown.length} of ${columns.length} runtimes`;
    document.getElementById("fold").textContent = folded.size ? "Unfold all" : "Fold all";
    document.querySelector("#columns > summary").textContent = `Columns (${shown.length} of ${columns.length})`;
    document.getElementById("chosen")?.toggleAttribute("hidden", shown.length === columns.length);
  }

  // Rules of PEP 578 are not counted as events.
  function counted(count) {
    return ["events", "rules"].map((word, kind) => {
      const all = groups.filter((group) => Number(group.hasRules) === kind).flatMap((group) => group.lines).length;
      return all && `${count[kind]} of ${all} ${word}`;
    }).filter(Boolean).join(", ");
  }

  function change() {
    apply();
    write();
  }

  // The choice of columns

  function chooser() {
    const box = document.querySelector("#columns .choice");
    const set = (list) => () => { chosen = new Set(list); tick(); change(); };
    for (const [text, list] of [["All", columns], ["First", first], ["None", []]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", set(list));
      box.append(button, " ");
    }
    for (const family of families) {
      const set = document.createElement("fieldset");
      set.appendChild(document.createElement("legend")).append(family.dataset.implementation);
      for (const column of columns.filter((column) => column.implementation === family.dataset.implementation)) {
        const label = document.createElement("label");
        const input = document.createElement("input");
        input.type = "checkbox";
        input.addEventListener("change", () => { chosen[input.checked ? "add" : "delete"](column); change(); });
        column.input = input;
        label.append(input, column.name);
        set.append(label);
      }
      box.append(set);
    }
  }

  function tick() {
    for (const column of columns) column.input.checked = chosen.has(column);
  }

  // Keyboard: the Tab key reaches the table once, the arrow keys move inside it.

  const stop = (cell) => cell?.querySelector("a, button");
  let current = null;

  function move(to) {
    if (!to) return;
    current.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
    current = to;
  }

  // Cells by column. The head of a module spans two columns.
  const at = (row, index) => index === 0 ? row.cells[0] : row.cells[row.cells.length - built.length - 1 + index];
  const place = (cell) => cell.cellIndex === 0 ? 0 : cell.cellIndex - (cell.parentNode.cells.length - built.length - 1);

  function arrow(event) {
    const cell = event.target.closest("th, td");
    if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = [...table.querySelectorAll("tbody:not([hidden]) > tr:not([hidden])")];
    const row = rows.indexOf(cell.parentNode);
    if (row < 0) return;
    const index = place(cell);
    const down = (step) => {
      for (let next = row + step; rows[next]; next += step) if (stop(at(rows[next], index))) return at(rows[next], index);
    };
    const to = {
      ArrowUp: () => down(-1), ArrowDown: () => down(1),
      ArrowLeft: () => at(rows[row], Math.max(0, index - 1)), ArrowRight: () => at(rows[row], Math.min(built.length, index + 1)),
      Home: () => at(rows[row], 0), End: () => at(rows[row], built.length),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    move(stop(to()));
  }

  function toggle(name) {
    if (!folded.delete(name)) folded.add(name);
    change();
  }

  for (const group of groups) group.button.addEventListener("click", () => toggle(group.name));
  for (const line of lines) {
    line.codes.forEach((code, at) => {
      const cell = line.row.cells[built.indexOf(columns[at]) + 2];
      if (built.includes(columns[at])) link(cell, line, columns[at], looks[code]);
    });
  }
  for (const each of table.querySelectorAll("tbody a, tbody button")) each.tabIndex = -1;
  current = groups[0]?.button ?? null;
  if (current) current.tabIndex = 0;
  table.addEventListener("keydown", arrow);
  table.addEventListener("focusin", ({ target }) => {
    if (target.closest("tbody") && target !== current) { current.tabIndex = -1; target.tabIndex = 0; current = target; }
  });
  document.getElementById("fold").addEventListener("click", () => {
    if (folded.size) folded.clear(); else for (const group of groups) folded.add(group.name);
    change();
  });
  form.addEventListener("input", change);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { chosen = new Set(first); folded.clear(); tick(); change(); }));
  addEventListener("popstate", () => { read(); tick(); apply(); });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select")) { event.preventDefault(); form.q.focus(); }
  });
  chooser();
  read();
  tick();
  form.hidden = false;
  apply();
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({ block: "center" });
})();
