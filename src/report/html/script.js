"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const items = [...list.children];
  const texts = items.map((item) => item.textContent.toLowerCase());
  const total = items.length + data.passed.length;

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const pair = (list, term, value, code) => {
    if (!value) return;
    list.append(element("dt", term));
    const described = element("dd");
    described.append(code ? element("code", value) : value);
    list.append(described);
  };

  const beside = (instance, name, target) => {
    const scroll = element("div", undefined, "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Transcripts of " + name + ", " + target);
    const table = element("table", undefined, "beside");
    const head = table.createTHead().insertRow();
    for (const title of [target, "reference"]) {
      const cell = element("th", title);
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    for (const [left, right] of instance.rows) {
      const row = body.insertRow();
      if (right === -1) row.className = "only-left";
      if (left === -1) row.className = "only-right";
      for (const [index, other] of [[left, right], [right, left]]) {
        const cell = row.insertCell();
        if (index < 0) continue;
        cell.append(other === -1 ? element("mark", data.lines[index]) : data.lines[index]);
      }
    }
    scroll.append(table);
    return scroll;
  };

  const unfold = (details) => {
    const instance = data.instances[details.dataset.i];
    if (!instance || details.querySelector(".body")) return;
    const body = element("div", undefined, "body");
    body.append(element("p", data.lines[instance.doc]));
    const first = element("dl");
    pair(first, "reason", instance.reason);
    pair(first, "accepted", instance.accepted);
    body.append(first);
    for (const [requirement, expected, observed, fingerprint] of instance.failures) {
      const [citation, quote] = data.requirements[requirement];
      const block = element("blockquote");
      block.append(element("p", quote), element("footer", citation));
      const list = element("dl");
      pair(list, "expected", data.lines[expected]);
      pair(list, "observed", data.lines[observed]);
      pair(list, "fingerprint", fingerprint, true);
      body.append(block, list);
    }
    const last = element("dl");
    pair(last, "reference", instance.reference);
    pair(last, "replay", instance.replay, true);
    body.append(last);
    if (instance.cut) body.append(element("p", "The transcripts are in report.json.", "meta"));
    if (instance.rows.length) {
      const name = details.querySelector("code").textContent;
      const target = details.querySelector(".target");
      body.append(beside(instance, name, target ? target.textContent : "target"));
    }
    details.append(body);
  };

  // Instances that passed are seldom looked for, and there are many.
  const addPassed = () => {
    const names = [...(form.elements.run ? form.elements.run.options : [])].slice(1).map((option) => option.textContent);
    for (const [run, level, id] of data.passed.splice(0)) {
      const item = element("li");
      Object.assign(item.dataset, { v: "pass", a: id.split("/")[0], l: level, r: run });
      const line = element("div", undefined, "plain");
      line.append(element("span", "pass", "verdict pass"), " ", element("code", id), " ", element("span", level, "level"));
      if (names.length) line.append(" ", element("span", names[run], "target"));
      item.append(line);
      items.push(item);
      texts.push(item.textContent.toLowerCase());
    }
  };

  const filter = () => {
    const verdicts = new Set([...form.querySelectorAll("[name=verdict]:checked")].map((box) => box.value));
    const value = (name) => (form.elements[name] ? form.elements[name].value : "");
    const words = value("text").toLowerCase().split(/\s+/).filter(Boolean);
    if (verdicts.has("pass")) addPassed();
    // Thousands of hidden siblings take browsers seconds, so that only what is shown is in the page.
    const shown = items.filter((item, index) => {
      const { v, a, l, r } = item.dataset;
      return verdicts.has(v) && (!value("area") || a === value("area")) && (!value("level") || l === value("level"))
        && (!value("run") || r === value("run")) && words.every((word) => texts[index].includes(word));
    });
    list.replaceChildren(...shown);
    document.getElementById("shown").textContent = shown.length + " of " + total + " shown";
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // `toggle` does not bubble, so it is caught on its way down.
  list.addEventListener("toggle", (event) => {
    if (event.target.open) unfold(event.target);
  }, true);
  for (const link of document.querySelectorAll("a[data-case]")) {
    link.addEventListener("click", () => {
      for (const box of form.querySelectorAll("[name=verdict]")) box.checked = true;
      form.elements.run.value = link.dataset.run;
      form.elements.area.value = form.elements.level.value = "";
      form.elements.text.value = link.dataset.case;
      filter();
      document.getElementById("instances").focus();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.matches("input[type=search], select")) {
      event.preventDefault();
      form.elements.text.focus();
    }
  });
  const open = () => {
    const named = location.hash && document.getElementById(location.hash.slice(1));
    if (named && named.tagName === "DETAILS") {
      named.open = true;
      named.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();

  const order = ["critical", "security", "interop", "strictness", "hygiene",
    "A+", "A", "B", "C", "D", "F", "fail", "flaky", "error", "blocked", "lenient", "pass", "info", "inapplicable"];
  const key = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const place = order.indexOf(text.split(" ")[0]);
    return place >= 0 ? place : text === "" ? -1 : /^\d/.test(text) ? parseFloat(text) : text;
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = element("button", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        // The largest numbers first: that is what is looked for.
        const numbers = [...table.tBodies[0].rows].some((row) => /^\d/.test(row.cells[column].textContent.trim()));
        const before = head.getAttribute("aria-sort");
        const down = before ? before === "ascending" : numbers;
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
        rows.sort(([a], [b]) => (down ? compare(b, a) : compare(a, b)));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  }
  for (const box of document.querySelectorAll("[data-differing]")) {
    box.closest(".differing").hidden = false;
    box.addEventListener("change", () => {
      for (const row of document.querySelectorAll("#" + box.dataset.differing + " tr[data-same]")) row.hidden = box.checked;
    });
  }
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll(".cause")) details.open = true;
  });
  filter();
})();
