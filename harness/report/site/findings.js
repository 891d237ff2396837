// The filters of the findings. The address of the page holds them.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const FIELDS = ["q", "runtime", "kind", "state", "module"];
  const sections = [...document.querySelectorAll("section.findings")].map((section) => ({
    section, kind: section.dataset.kind,
    findings: [...section.querySelectorAll("article")].map((article) => ({
      article, text: article.textContent.toLowerCase(), state: article.dataset.state,
      runtimes: article.dataset.runtimes.split(" "), modules: article.dataset.modules.split(" "),
    })),
  }));

  function read() {
    const query = new URLSearchParams(location.search);
    for (const name of FIELDS) {
      form[name].value = query.get(name) ?? "";
      if (form[name].selectedIndex < 0) form[name].value = "";
    }
  }

  function write() {
    const query = new URLSearchParams();
    for (const name of FIELDS) if (form[name].value) query.set(name, form[name].value);
    const text = query.toString();
    history.replaceState(null, "", (text ? "?" + text : location.pathname) + location.hash);
  }

  function apply() {
    const [words, runtime, kind, state, module] = FIELDS.map((name) => form[name].value);
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    let [count, all] = [0, 0];
    for (const section of sections) {
      let any = 0;
      for (const finding of section.findings) {
        const fits = (!kind || section.kind === kind) && (!state || finding.state === state)
          && (!runtime || finding.runtimes.includes(runtime)) && (!module || finding.modules.includes(module))
          && wanted.every((word) => finding.text.includes(word));
        finding.article.hidden = !fits;
        any += fits;
      }
      section.section.hidden = !any;
      section.section.querySelector("h2 small").textContent = any === section.findings.length ? any : `${any} of ${section.findings.length}`;
      count += any;
      all += section.findings.length;
    }
    document.getElementById("count").textContent = `${count} of ${all} findings`;
  }

  form.addEventListener("input", () => { apply(); write(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); write(); }));
  addEventListener("popstate", () => { read(); apply(); });
  form.hidden = false;
  read();
  apply();
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
})();
