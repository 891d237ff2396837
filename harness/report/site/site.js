// Features of every page: copy buttons, sorted tables, links into closed details, and the age of the results.
"use strict";

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

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  if (target) target.scrollIntoView();
}
addEventListener("hashchange", reveal);
reveal();

// On a web server the code for badges gets the address of the site.
if (location.protocol.startsWith("http")) {
  const site = location.href.replace(/\/runtime\/[^/]*$/, "");
  for (const code of document.querySelectorAll(".embed code")) code.textContent = code.textContent.replaceAll("SITE", site);
}

const run = document.querySelector("time[datetime]");
const days = run ? Math.floor((Date.now() - new Date(run.dateTime)) / 86400000) : 0;
for (const age of document.querySelectorAll(".age")) if (days > 0) age.textContent = days === 1 ? " (yesterday)" : ` (${days} days ago)`;
