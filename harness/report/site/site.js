// Features of every page: the three questions, copy buttons, sorted tables, links into closed details, the age of the
// results, and results files that are dropped on the page.
"use strict";

const root = document.body.dataset.root;

// The three questions of the first page

const answers = {
  event(form) {
    const wanted = form.q.value.trim();
    const options = [...document.getElementById("events").options];
    const found = options.find((option) => option.value === wanted)
      ?? options.find((option) => option.value.toLowerCase() === wanted.toLowerCase());
    if (found) return `event/${found.dataset.slug}.html`;
    const near = options.filter((option) => option.value.toLowerCase().includes(wanted.toLowerCase()));
    if (near.length === 1) return `event/${near[0].dataset.slug}.html`;
    if (near.length) return `matrix.html?${new URLSearchParams({ q: wanted })}`;
    form.querySelector("output").textContent = "No event of the suite has this name.";
  },
  runtime: (form) => `runtime/${form.one.value}.html`,
  compare: (form) => `compare.html?${new URLSearchParams({ old: form.old.value, new: form.new.value })}`,
};

for (const form of document.querySelectorAll("form[data-go]")) {
  form.hidden = false;
  const example = form.parentNode.querySelector("a[href*='old=']");
  if (form.old && example) for (const [name, slug] of new URL(example.href).searchParams) form[name].value = slug;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const path = answers[form.dataset.go](form);
    if (path) location.href = root + path;
  });
}

// Copy buttons

for (const pre of document.querySelectorAll("pre.copy")) {
  const frame = document.createElement("div");
  const button = document.createElement("button");
  frame.className = "copies";
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", () => copy(pre, button));
  pre.replaceWith(frame);
  frame.append(pre, button);
}

async function copy(pre, button) {
  try {
    await navigator.clipboard.writeText(pre.textContent);
    button.textContent = "Copied";
  } catch {
    // Without permission to write to the clipboard: select the text, so that the reader can copy it.
    getSelection().selectAllChildren(pre);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

// Sorted tables

for (const table of document.querySelectorAll("table.sortable")) {
  table.tHead.querySelectorAll("th[aria-sort]").forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(table, head));
  });
}

function sort(table, head) {
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.querySelectorAll("th[aria-sort]")) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const value = (row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent;
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const rows = [...table.tBodies[0].rows].sort((one, other) => (ascending ? 1 : -1) * order(value(one), value(other)));
  table.tBodies[0].append(...rows);
}

// Links into closed details. Behind an @ stands a runtime, whose outcome is in the list of the case.

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)).split("@")[0]);
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  if (target) target.scrollIntoView({ block: target.tagName === "I" ? "center" : "start" });
}
addEventListener("hashchange", reveal);
reveal();

// On a web server the code for badges gets the address of the site.
if (location.protocol.startsWith("http")) {
  const site = location.href.replace(/\/runtime\/[^/]*$/, "");
  for (const code of document.querySelectorAll(".embed code")) code.textContent = code.textContent.replaceAll("SITE", site);
}

const run = document.querySelector(".bottom time[datetime]");
const days = run ? Math.floor((Date.now() - new Date(run.dateTime)) / 86400000) : 0;
for (const age of document.querySelectorAll(".age")) if (days > 0) age.textContent = days === 1 ? " (yesterday)" : ` (${days} days ago)`;

// Results files of the reader: any page takes one, and the matrix shows it.

addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  document.body.classList.add("drop");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("drop");
});
addEventListener("drop", (event) => {
  const file = event.dataTransfer?.files[0];
  document.body.classList.remove("drop");
  if (!file) return;
  event.preventDefault();
  take(file);
});

// Reads a results file, keeps what the matrix needs of it in this window, and shows the matrix.
async function take(file) {
  if (!globalThis.own?.keep) await load("own.js");
  const problem = await globalThis.own.keep(file);
  if (document.getElementById("matrix")) {
    dispatchEvent(new CustomEvent("own", { detail: problem }));
  } else if (problem) {
    const text = document.createElement("p");
    text.className = "banner x";
    text.setAttribute("role", "alert");
    text.textContent = problem;
    document.getElementById("main").prepend(text);
    scrollTo(0, 0);
  } else {
    location.href = `${root}matrix.html`;
  }
}

function load(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = root + name;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${name} is not there`)));
    document.head.append(script);
  });
}
