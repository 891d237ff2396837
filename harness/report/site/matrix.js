// The matrix: filters, folding, choice of columns, keyboard, and the reader's own results. The address of the page holds
// all state. `published` comes from data/matrix.js.
"use strict";
(() => {
  const table = document.getElementById("matrix");
  const form = document.getElementById("filters");
  const looks = published.looks;
  const rows = new Map(published.events.map(([id, name, href, codes]) => [id, { name, href, codes }]));
  const [familyRow, headRow] = table.tHead.rows;
  const columns = published.columns.map((column, at) => ({
    ...column, head: headRow.cells[at + 1], label: own.shown(column.label), title: own.shown(column.title), family: own.shown(column.family),
    look: (line) => looks[line.codes[at]], total: (group) => published.totals[group.name]?.[at] ?? "",
  }));
  const families = [...new Set(columns.map((column) => column.family))].map((name, at) => ({ name, head: familyRow.cells[at + 1] }));
  const groups = [...table.tBodies].map((body) => {
    const [row, ...lines] = body.rows;
    return {
      body, row, name: body.dataset.module, kind: body.dataset.kind, button: row.querySelector("button"),
      lines: lines.map((line) => ({ row: line, ...rows.get(line.id), text: line.cells[0].textContent.toLowerCase() })),
    };
  });
  const lines = groups.flatMap((group) => group.lines);
  const notes = new Map([...document.querySelectorAll(".notes li")].map((note, at) => [String(at + 1), note]));
  const first = columns.filter((column) => column.usual);
  let built = first;
  let chosen = new Set(first);
  const folded = new Set();

  // State and address

  const FIELDS = { q: "", kind: "events", outcome: "", module: "" };

  // Results may have rows of one kind only, and `form.kind` is then no list.
  function choose(kind) {
    const radios = [...form.querySelectorAll("[name=kind]")];
    (radios.find((radio) => radio.value === kind) ?? radios[0]).checked = true;
  }

  function read() {
    const query = new URLSearchParams(location.search);
    for (const [name, usual] of Object.entries(FIELDS)) {
      if (name === "kind") choose(query.get(name) ?? usual);
      else form[name].value = query.get(name) ?? usual;
    }
    const target = rows.get(decodeURIComponent(location.hash.slice(1)));
    if (target) choose(groups.find((group) => group.lines.some((line) => line.href === target.href)).kind);
    form.diff.checked = query.has("diff");
    const names = query.get("columns")?.split(",");
    chosen = names ? new Set(columns.filter((column) => column.own || names.includes(column.slug))) : new Set([...columns.filter((column) => column.own), ...first]);
    folded.clear();
    for (const name of query.get("folded")?.split(",") ?? []) folded.add(name);
  }

  function write() {
    const query = new URLSearchParams();
    for (const [name, usual] of Object.entries(FIELDS)) if (form[name].value !== usual) query.set(name, form[name].value);
    if (form.diff.checked) query.set("diff", "");
    const shown = columns.filter((column) => chosen.has(column) && !column.own);
    const isFirst = shown.length === first.length && first.every((column) => chosen.has(column));
    if (!isFirst) query.set("columns", shown.map((column) => column.slug).join(","));
    if (folded.size) query.set("folded", [...folded].join(","));
    const text = query.toString();
    history.replaceState(null, "", (text ? "?" + text : location.pathname) + location.hash);
  }

  // Cells

  function make(name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  }

  function title(line, column, [, word, ratio, , , promises, , numbers, reason]) {
    const reasons = numbers ? numbers.split(" ").map((number) => own.shown(notes.get(number).firstChild.textContent)) : [];
    if (reason) reasons.push(reason);
    const more = reasons.length > 3 ? [`and ${reasons.length - 3} more`] : [];
    const head = `${own.shown(line.name)} on ${column.title}: ${word}${ratio && " " + ratio}`;
    return [head, promises, ...reasons.slice(0, 3), ...more].filter(Boolean).join("\n");
  }

  function cell(line, column) {
    const look = column.look(line);
    const [kind, word, ratio, marks, , , , numbers] = look;
    const cell = document.createElement("td");
    const link = document.createElement("a");
    cell.className = kind;
    link.href = line.href.includes("#") || column.own ? line.href : `${line.href}#${column.slug}`;
    link.tabIndex = -1;
    link.title = title(line, column, look);
    link.append(ratio ? `${word} ${ratio}` : word);
    if (numbers) link.append(make("sup", numbers));
    if (marks) link.append(make("b", marks));
    cell.append(link);
    return cell;
  }

  // Shows some columns. Cells are made from their codes, as the page has only the first columns and no links in them.
  function build(shown) {
    const moved = shown.some((column, at) => column !== built[at]) || shown.length !== built.length;
    if (!moved && table.dataset.built) return;
    table.dataset.built = "yes";
    for (const column of columns) column.head.hidden = !shown.includes(column);
    for (const family of families) {
      const span = shown.filter((column) => column.family === family.name).length;
      family.head.colSpan = Math.max(1, span);
      family.head.style.setProperty("--span", Math.max(1, span));
      family.head.hidden = !span;
    }
    for (const group of groups) {
      group.row.replaceChildren(group.row.cells[0], ...shown.map((column) => make("td", column.total(group))));
      for (const line of group.lines) line.row.replaceChildren(line.row.cells[0], ...shown.map((column) => cell(line, column)));
    }
    built = shown;
  }

  // Filters

  const kinds = { failure: "knx", known: "k", failed: "x", new: "n", fixed: "f" };

  // The class of a cell is that of all its cases. The letters have the standings of those that did not pass.
  function shows([, word, , , , , failures], outcome) {
    return kinds[outcome] ? [...kinds[outcome]].some((kind) => failures.includes(kind)) : word === outcome;
  }

  // An event that one side does not have counts as a difference, and so does one that no side keeps in the same way.
  function differs(line, shown) {
    const all = shown.map((column) => column.look(line));
    return all.some((look) => look[1] !== all[0][1] || look[4] !== all[0][4]);
  }

  function apply() {
    const { q, kind, outcome, module, diff } = form;
    const shown = columns.filter((column) => chosen.has(column));
    build(shown);
    const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const used = new Set();
    let [count, all] = [0, 0];
    for (const group of groups) {
      const isShown = group.kind === kind.value && (!module.value || kind.value !== "events" || group.name === module.value);
      if (group.kind === kind.value) all += group.lines.length;
      let any = false;
      for (const line of group.lines) {
        const fits = isShown && words.every((word) => line.text.includes(word))
          && (!outcome.value || shown.some((column) => shows(column.look(line), outcome.value)))
          && (!diff.checked || differs(line, shown));
        count += fits;
        any ||= fits;
        line.row.hidden = !fits || folded.has(group.name);
        if (fits) for (const column of shown) for (const number of column.look(line)[7].split(" ")) used.add(number);
      }
      group.body.hidden = !any;
      group.button.setAttribute("aria-expanded", !folded.has(group.name));
    }
    for (const [number, note] of notes) note.hidden = !used.has(number);
    const word = { events: "events", rules: "rules", doors: "areas of doors" }[kind.value];
    document.getElementById("count").textContent = `${count} of ${all} ${word}, ${shown.length} of ${columns.length} runtimes`;
    document.getElementById("fold").textContent = folded.size ? "Unfold all" : "Fold all";
    document.querySelector("#columns > summary").textContent = `Runtimes (${shown.length} of ${columns.length})`;
  }

  function change() {
    apply();
    write();
  }

  // The choice of columns

  function chooser() {
    const box = document.querySelector("#columns .choice");
    box.replaceChildren();
    const set = (list) => () => { chosen = new Set(list()); tick(); change(); };
    const own = () => columns.filter((column) => column.own);
    for (const [text, list] of [["Newest releases", () => [...own(), ...first]], ["All", () => columns], ["None", () => []]]) {
      const button = make("button", text);
      button.type = "button";
      button.addEventListener("click", set(list));
      box.append(button, " ");
    }
    for (const family of families) {
      const fields = document.createElement("fieldset");
      fields.append(make("legend", family.name));
      for (const column of columns.filter((column) => column.family === family.name)) {
        const label = document.createElement("label");
        const input = document.createElement("input");
        input.type = "checkbox";
        input.addEventListener("change", () => { chosen[input.checked ? "add" : "delete"](column); change(); });
        column.input = input;
        label.append(input, column.label);
        fields.append(label);
      }
      box.append(fields);
    }
  }

  function tick() {
    for (const column of columns) column.input.checked = chosen.has(column);
  }

  // The reader's own results stand before the published columns.

  const OWN = "Your results";
  const NONE = ["o", "not run", "", "", "", "", "", "", ""];

  function showOwn(problem) {
    const banner = document.getElementById("own-results");
    const kept = problem ? null : own.kept();
    if (problem) {
      banner.className = "banner x";
      banner.replaceChildren(problem);
      banner.hidden = false;
      return;
    }
    for (const column of columns.filter((column) => column.own)) column.head.remove();
    columns.splice(0, columns.length, ...columns.filter((column) => !column.own));
    if (families[0]?.name === OWN) families.shift().head.remove();
    banner.hidden = !kept;
    if (kept) {
      const head = make("th", OWN);
      head.scope = "colgroup";
      head.className = "own";
      familyRow.cells[0].after(head);
      families.unshift({ name: OWN, head });
      columns.unshift(...kept.columns.map(ownColumn));
      headRow.cells[0].after(...columns.filter((column) => column.own).map((column) => column.head));
      const known = new Set(lines.map((line) => line.name));
      const strange = [...new Set(kept.columns.flatMap((column) => column.cells.map(([event]) => event)))]
        .filter((event) => !known.has(event.replace(/^doors\./, "")));
      const more = strange.length ? ` This site does not have ${strange.length} of its events: ${strange.slice(0, 5).map((name) => own.shown(name)).join(", ")}${strange.length > 5 ? " …" : ""}.` : "";
      const cut = kept.complete ? "" : " The file is incomplete: its run was cut short.";
      const button = make("button", "Remove");
      button.type = "button";
      button.className = "quiet";
      button.addEventListener("click", () => { own.forget(); showOwn(""); });
      banner.className = "banner f";
      banner.replaceChildren(`${kept.file} of ${kept.started}, suite ${kept.suite}, is shown in the first columns. It stays on this machine.${cut}${more} `, button);
    }
    chooser();
    read();
    tick();
    apply();
  }

  function ownColumn(column, at) {
    const cells = new Map(column.cells);
    const totals = new Map(column.totals);
    const head = make("th", column.name);
    head.scope = "col";
    head.className = "own";
    head.append(make("small", column.version), make("small", `${column.kept}/${column.tried} kept`));
    head.lastChild.className = "total";
    return {
      own: true, slug: `own-${at}`, name: column.name, label: column.name, title: `${column.name} (yours)`, family: OWN, head,
      look: (line) => cells.get(line.href.includes("#") ? `doors.${line.name}` : line.name) ?? NONE,
      total: (group) => totals.get(group.name) ?? "",
    };
  }

  addEventListener("own", ({ detail }) => showOwn(detail));
  const file = document.getElementById("file");
  document.getElementById("open").addEventListener("click", () => file.click());
  file.addEventListener("change", () => { if (file.files[0]) take(file.files[0]); });

  // Keyboard: the Tab key reaches the table once, the arrow keys move inside it.

  const stop = (cell) => cell?.querySelector("a, button");
  let current = null;

  function move(to) {
    if (!to) return;
    if (current) current.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
    current = to;
  }

  function arrow(event) {
    const cell = event.target.closest("tbody th, tbody td");
    if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = [...table.querySelectorAll("tbody:not([hidden]) > tr:not([hidden])")];
    const row = rows.indexOf(cell.parentNode);
    if (row < 0) return;
    const index = cell.cellIndex;
    const down = (step) => {
      for (let next = row + step; rows[next]; next += step) if (stop(rows[next].cells[index])) return rows[next].cells[index];
    };
    const to = {
      ArrowUp: () => down(-1), ArrowDown: () => down(1),
      ArrowLeft: () => rows[row].cells[Math.max(0, index - 1)], ArrowRight: () => rows[row].cells[Math.min(built.length, index + 1)],
      Home: () => rows[row].cells[0], End: () => rows[row].cells[built.length],
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
  for (const each of table.querySelectorAll("tbody a, tbody button")) each.tabIndex = -1;
  table.addEventListener("keydown", arrow);
  table.addEventListener("focusin", ({ target }) => {
    if (target.closest("tbody") && target !== current) {
      if (current) current.tabIndex = -1;
      target.tabIndex = 0;
      current = target;
    }
  });
  document.getElementById("fold").addEventListener("click", () => {
    if (folded.size) folded.clear(); else for (const group of groups) folded.add(group.name);
    change();
  });
  form.addEventListener("input", change);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => {
    chosen = new Set([...columns.filter((column) => column.own), ...first]);
    folded.clear();
    tick();
    change();
  }));
  addEventListener("popstate", () => { read(); tick(); apply(); });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select")) { event.preventDefault(); form.q.focus(); }
  });
  form.hidden = false;
  showOwn("");
  current = groups.find((group) => !group.body.hidden)?.button ?? null;
  if (current) current.tabIndex = 0;
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({ block: "center" });
})();
