// Compares two columns of the matrix. The address of the page has their names. `published` comes from data/matrix.js,
// and `details` from data/compare.js.
"use strict";
(() => {
  const form = document.getElementById("compare");
  const place = document.getElementById("differences");
  const columns = new Map(published.columns.map((column, at) => [column.slug, { ...column, title: own.shown(column.title), at, look: ([, , , codes]) => published.looks[codes[at]] }]));
  const PROMISES = ["raised", "arguments", "veto", "hot code"];
  const STATES = { k: "kept", p: "partly kept", b: "broken", u: "not checked" };
  const RANKS = { k: 3, p: 2, b: 1 };
  const SECTIONS = [
    ["lost", "Lost", "The old one raises these events, and the new one does not."],
    ["worse", "Worse", "The new one breaks a promise in more cases."],
    ["absent", "New and missing", "The new one must raise these events, the old one need not, and it does not."],
    ["added", "Added", "The new one raises these events. They are not for the old one, or it lacks their API."],
    ["better", "Better", "The new one keeps a promise in more cases."],
    ["other", "Other arguments", "Both keep the same promises, and the event has other arguments."],
  ];
  const OWN = new Map((own.kept()?.columns ?? []).map((column, at) => {
    const cells = new Map(column.cells);
    return [`own-${at}`, { slug: `own-${at}`, title: `${column.name} (yours)`, at: -1, look: ([, name]) => cells.get(name) ?? ["o", "not run", "", "", "", "", "", ""] }];
  }));

  function make(name, text, kind) {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  }

  const isRaised = ([kind]) => "pfk".includes(kind[0]);
  const isAbsent = ([kind]) => "suo".includes(kind[0]);
  const text = ([, word, ratio]) => ratio ? `${word} ${ratio}` : word;

  function fraction([, , ratio]) {
    const [passed, run] = ratio.split("/").map(Number);
    return ratio ? passed / run : null;
  }

  // The promises that differ: the name and both states.
  function shifts(old, now) {
    if (!old[4] || !now[4]) return [];
    return PROMISES.map((name, at) => [name, old[4][at], now[4][at]]).filter(([, one, other]) => one !== other);
  }

  function signature([id], column) {
    const [signatures, places] = details.signatures[id] ?? [[], []];
    return column.at >= 0 ? signatures[places[column.at]] : undefined;
  }

  function compare(event, old, now) {
    const [before, after] = [old.look(event), now.look(event)];
    const changed = shifts(before, after);
    const [names, others] = [signature(event, old), signature(event, now)];
    const isOther = names && others && names.join() !== others.join();
    const what = changed.map(([name, one, other]) => `${name}: ${STATES[one]} → ${STATES[other]}`);
    if (isOther) what.push(`arguments: (${names.join(", ")}) → (${others.join(", ")})`);
    const steps = changed.filter(([, one, other]) => RANKS[one] && RANKS[other]).map(([, one, other]) => RANKS[other] - RANKS[one]);
    const isWorse = steps.some((step) => step < 0) || (!steps.length && fraction(after) < (fraction(before) ?? 0) && before[4] === after[4] && fraction(after) !== null && fraction(before) !== null);
    const isBetter = steps.some((step) => step > 0) || (!steps.length && before[4] === after[4] && fraction(before) !== null && fraction(after) !== null && fraction(after) > fraction(before));
    let kind = null;
    if (isAbsent(before) && isAbsent(after)) kind = null;
    else if (isAbsent(before)) kind = isRaised(after) ? "added" : "absent";
    else if (isAbsent(after)) kind = "lost";
    else if (isRaised(before) && !isRaised(after)) kind = "lost";
    else if (isWorse) kind = "worse";
    else if (isBetter) kind = "better";
    else if (isOther) kind = "other";
    const touches = (name) => changed.some(([promise]) => promise === name);
    return { event, before, after, what, kind, isSame: !kind && !isAbsent(after), arguments: isOther || touches("arguments"), veto: touches("veto") };
  }

  function outcome(look, href) {
    const cell = document.createElement("td");
    const link = make("a", text(look), `tag ${look[0]}`);
    link.href = href;
    cell.append(link);
    return cell;
  }

  function reasons({ before, after }) {
    const cell = make("td", undefined, "why");
    const numbers = `${after[7] ?? ""} ${before[7] ?? ""}`.split(" ").filter(Boolean);
    // Two findings may have one title.
    const findings = new Map(numbers.map((number) => details.findings[number - 1]));
    [...findings].slice(0, 3).forEach(([title, anchor], at) => {
      const link = make("a", own.shown(title, 200));
      link.href = `findings.html#${anchor}`;
      if (at) cell.append(document.createElement("br"));
      cell.append(link);
    });
    if (findings.size > 3) cell.append(` and ${findings.size - 3} more`);
    return cell;
  }

  function row(found, old, now) {
    const [, name, href] = found.event;
    const row = document.createElement("tr");
    const head = make("th");
    const link = make("a", own.shown(name));
    const to = (column) => column.at < 0 ? href : `${href}#${column.slug}`;
    link.href = href;
    head.scope = "row";
    head.append(link);
    row.append(head, outcome(found.before, to(old)), outcome(found.after, to(now)), make("td", found.what.join("; ")), reasons(found));
    return row;
  }

  function section([kind, title, meaning], all, old, now) {
    const found = all.filter((one) => one.kind === kind);
    if (!found.length) return [];
    const head = make("h2", `${title} `);
    const scroll = make("div", undefined, "scroll");
    const table = make("table", undefined, "list");
    const heads = make("tr");
    for (const text of ["Event", old.title, now.title, "Difference", "Reasons"]) heads.append(Object.assign(make("th", text), { scope: "col" }));
    table.createTHead().append(heads);
    table.createTBody().append(...found.map((one) => row(one, old, now)));
    head.id = `two-${kind}`;
    head.append(make("small", String(found.length)));
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", `${title}, of the two runtimes`);
    scroll.append(table);
    return [head, make("p", meaning, "note"), scroll];
  }

  function show() {
    const [old, now] = [form.old.value, form.new.value].map((slug) => columns.get(slug) ?? OWN.get(slug));
    if (!old || !now) return;
    history.replaceState(null, "", `?${new URLSearchParams({ old: old.slug, new: now.slug })}${location.hash}`);
    const events = published.events.filter(([, , href]) => href.startsWith("event/"));
    const all = events.map((event) => compare(event, old, now));
    const count = (is) => all.filter(is).length;
    const parts = SECTIONS.map(([kind, title]) => [count((one) => one.kind === kind), title.toLowerCase()]);
    parts.push([count((one) => one.isSame), "the same"]);
    const counts = (parts) => parts.filter(([number]) => number).map(([number, word]) => `${number} ${word}`).join(", ");
    // An event may have both, and is counted above as better, worse or other.
    const isInBoth = ({ kind }) => kind !== "added" && kind !== "lost";
    const changed = counts([[count((one) => one.arguments && isInBoth(one)), "in the arguments"], [count((one) => one.veto && isInBoth(one)), "in the veto"]]);
    const summary = make("p", `${old.title} → ${now.title}: ${counts(parts)}.${changed ? ` Events of both that differ: ${changed}.` : ""}`, "lead");
    place.replaceChildren(summary, ...SECTIONS.flatMap((one) => section(one, all, old, now)));
  }

  for (const select of [form.old, form.new]) {
    if (OWN.size) {
      const group = document.createElement("optgroup");
      group.label = "Your results";
      group.append(...[...OWN.values()].map((column) => new Option(column.title, column.slug)));
      select.prepend(group);
    }
  }
  const query = new URLSearchParams(location.search);
  const usual = published.columns.filter((column) => column.usual);
  for (const [name, column] of [["old", usual[1] ?? usual[0]], ["new", usual[0]]]) {
    form[name].value = query.get(name) ?? column?.slug ?? "";
    if (form[name].selectedIndex < 0) form[name].value = column?.slug ?? "";
  }
  document.getElementById("swap").addEventListener("click", () => {
    [form.old.value, form.new.value] = [form.new.value, form.old.value];
    show();
  });
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  if (query.has("old") || !document.querySelector("main > .banner")) show();
})();
