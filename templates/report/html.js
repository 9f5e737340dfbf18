"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const table = byId("matrix");
  const rows = [...table.tBodies[0].rows];
  const form = byId("filters");
  const panel = byId("panel");
  const FIELDS = ["q", "concern", "state", "risk", "tag"];
  let data = null;
  let index = null;

  /* What the page was made of; read when it is first needed, so that the matrix is painted before. */
  const read = () => (data ??= JSON.parse(byId("data").textContent));

  const element = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };

  /* Theme: that of the system until somebody chooses. */
  const theme = byId("theme");
  const setTheme = (dark) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    theme.setAttribute("aria-pressed", String(dark));
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  setTheme(system.matches);
  system.addEventListener("change", (event) => setTheme(event.matches));
  theme.addEventListener("click", () => setTheme(theme.getAttribute("aria-pressed") !== "true"));

  /* Filters. */
  const indexed = () =>
    (index ??= read().operations.map((operation, place) => ({
      text: [operation.l, operation.s, ...operation.t].join(" ").toLowerCase(),
      risk: operation.r,
      tags: operation.t,
      states: [...rows[place].cells].slice(1).map((cell) => ` ${cell.className} `),
      row: rows[place],
    })));

  const chosen = () =>
    Object.fromEntries(FIELDS.map((name) => [name, form.elements[name]?.value.trim() ?? ""]));

  const matches = (entry, wanted, words, column) => {
    if (wanted.risk && entry.risk !== wanted.risk) return false;
    if (wanted.tag && !entry.tags.includes(wanted.tag)) return false;
    if (!words.every((word) => entry.text.includes(word))) return false;
    const states = column < 0 ? entry.states : [entry.states[column]];
    if (!wanted.state) return true;
    const state = ` ${wanted.state} `;
    return states.some((all) => all.includes(state));
  };

  const sheet = document.styleSheets[0];
  const ownRules = sheet.cssRules.length;
  let shownColumn = -1;
  const showColumn = (column) => {
    if (column === shownColumn) return;
    shownColumn = column;
    while (sheet.cssRules.length > ownRules) sheet.deleteRule(ownRules);
    if (column < 0) return;
    sheet.insertRule(`.matrix tr > :nth-child(n+2):not(:nth-child(${column + 2})) { display: none; }`, ownRules);
    sheet.insertRule(".matrix tr { grid-template-columns: minmax(14rem, 1fr) 9rem; }", ownRules);
  };

  const apply = () => {
    const wanted = chosen();
    const any = FIELDS.some((name) => wanted[name]);
    const column = wanted.concern ? read().concerns.indexOf(wanted.concern) : -1;
    const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    let count = rows.length;
    if (any || index) {
      count = 0;
      for (const entry of indexed()) {
        const hidden = !matches(entry, wanted, words, column);
        if (entry.row.hidden !== hidden) entry.row.hidden = hidden;
        if (!hidden) count += 1;
      }
    }
    showColumn(column);
    byId("shown").textContent = `${count} of ${rows.length} operations`;
    keepReachable();
  };

  const remember = () => {
    const wanted = chosen();
    const parameters = new URLSearchParams();
    for (const name of FIELDS) if (wanted[name]) parameters.set(name, wanted[name]);
    if (panel.open && panel.dataset.cell) parameters.set("cell", panel.dataset.cell);
    const text = parameters.toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  };

  const restore = () => {
    const text = location.hash.slice(1);
    if (text && !text.includes("=")) return;
    const parameters = new URLSearchParams(text);
    for (const name of FIELDS) {
      const field = form.elements[name];
      if (field) field.value = parameters.get(name) ?? "";
    }
    apply();
    const cell = parameters.get("cell");
    if (cell) openNamed(cell);
    else if (panel.open) panel.close();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    apply();
    remember();
  });
  form.addEventListener("reset", () =>
    setTimeout(() => {
      apply();
      remember();
    }),
  );
  document.querySelector(".states").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    form.elements.state.value = form.elements.state.value === button.dataset.state ? "" : button.dataset.state;
    apply();
    remember();
  });

  /* One cell of the matrix is in the order of Tab; arrow keys lead to the others. */
  let current = table.querySelector("tbody button");
  const focusable = (button) => {
    if (current) current.tabIndex = -1;
    current = button;
    current.tabIndex = 0;
  };
  const keepReachable = () => {
    if (current && current.closest("tr").hidden) {
      const first = rows.find((row) => !row.hidden);
      if (first) focusable(first.querySelector("button"));
    }
  };
  const visible = (cell) => cell && getComputedStyle(cell).display !== "none";
  const next = (row, direction) => {
    let place = rows.indexOf(row) + direction;
    while (rows[place]?.hidden) place += direction;
    return rows[place];
  };
  const neighbour = (button, key) => {
    const cell = button.closest("th, td");
    const row = cell.parentElement;
    if (key === "ArrowUp" || key === "ArrowDown")
      return next(row, key === "ArrowUp" ? -1 : 1)?.cells[cell.cellIndex];
    const cells = [...row.cells].filter(visible);
    if (key === "Home") return cells[0];
    if (key === "End") return cells.at(-1);
    return cells[cells.indexOf(cell) + (key === "ArrowLeft" ? -1 : 1)];
  };
  table.addEventListener("keydown", (event) => {
    const button = event.target.closest("tbody button");
    if (!button || !/^(Arrow(Up|Down|Left|Right)|Home|End)$/.test(event.key)) return;
    event.preventDefault();
    const target = neighbour(button, event.key)?.querySelector("button");
    if (!target) return;
    focusable(target);
    target.focus();
  });

  /* What a cell opens to. */
  table.addEventListener("click", (event) => {
    const button = event.target.closest("tbody button");
    if (!button) return;
    focusable(button);
    const cell = button.closest("th, td");
    open(rows.indexOf(cell.parentElement), cell.cellIndex - 1);
  });
  byId("close").addEventListener("click", () => panel.close());
  panel.addEventListener("close", () => {
    delete panel.dataset.cell;
    remember();
    current?.focus();
  });
  panel.addEventListener("click", (event) => {
    if (event.target === panel) panel.close();
  });

  const openNamed = (name) => {
    const [label, concern = ""] = name.split("|");
    const place = read().operations.findIndex((operation) => operation.l === label);
    const column = concern ? data.concerns.indexOf(concern) : -1;
    if (place < 0 || (concern && column < 0)) return;
    focusable(rows[place].cells[column + 1].querySelector("button") ?? current);
    open(place, column);
  };

  const open = (place, column) => {
    const operation = read().operations[place];
    const concern = data.concerns[column];
    const body = byId("panel-body");
    byId("panel-title").textContent = concern ? `${operation.l} · ${concern}` : operation.l;
    body.replaceChildren(facts(operation));
    const cells = concern ? operation.c.filter((cell) => cell[0] === column) : operation.c;
    for (const cell of cells) body.append(...shownCell(cell, !concern));
    body.append(element("h3", {}, "Expected changes"), diagram(operation));
    panel.dataset.cell = concern ? `${operation.l}|${concern}` : operation.l;
    if (!panel.open) panel.showModal();
    byId("panel-title").focus();
    panel.scrollTop = 0;
    remember();
  };

  const facts = (operation) => {
    const parts = [operation.s, `risk: ${operation.r}`];
    if (operation.t.length) parts.push(`tags: ${operation.t.join(", ")}`);
    return element("p", { class: "facts" }, parts.filter(Boolean).join(" · "));
  };

  const shownCell = ([column, statePlace, reason, closes, unseen, old, tests], named) => {
    const nodes = [];
    const state = data.states[statePlace];
    const badge = element("span", { class: `state ${state}` }, `${data.signs[state]} ${state.replaceAll("-", " ")}`);
    nodes.push(element("p", {}, ...(named ? [element("b", {}, data.concerns[column]), " "] : []), badge));
    for (const place of [reason, unseen, old]) {
      if (place) nodes.push(element("p", {}, data.texts[place]));
    }
    if (closes) nodes.push(remedy(data.texts[closes]));
    if (tests.length) {
      const list = element("ul", { class: "tests" }, ...tests.map(shownTest));
      nodes.push(named ? element("details", {}, element("summary", {}, `${tests.length} tests`), list) : list);
    }
    return nodes;
  };

  const remedy = (text) => {
    const copy = element("button", { type: "button" }, "Copy");
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(copy.previousSibling);
      }
    });
    return element("div", { class: "remedy" }, element("code", {}, text), copy);
  };

  const shownTest = (entry) => {
    const [place, cellOutcome] = Array.isArray(entry) ? entry : [entry];
    const [file, name, ownOutcome, line, seconds, run, reason, verdict, evidence] = data.tests[place];
    const outcome = data.outcomes[cellOutcome ?? ownOutcome];
    const [started = "", engine = "", base = ""] = data.runs[run] ?? [];
    const path = data.texts[file];
    const where = line ? `${path}:${line}` : path;
    const href = base + path.split("/").map(encodeURIComponent).join("/") + (line ? `#L${line}` : "");
    const link = base ? element("a", { href }, where) : where;
    const key = outcome.replaceAll(" ", "-");
    const item = element("li", {}, element("span", { class: `state ${key}` }, `${data.signs[key]} ${outcome}`), ` ${name}`);
    const facts = [link, ` · ${seconds} s`];
    if (started) facts.push(` · ${started}`);
    if (engine) facts.push(` · ${engine}`);
    item.append(element("p", { class: "facts" }, ...facts));
    if (verdict) item.append(element("p", {}, data.texts[verdict]));
    if (reason) item.append(element("p", {}, element("code", {}, data.texts[reason])));
    if (evidence)
      item.append(
        element("details", { open: "" }, element("summary", {}, "What happened"),
          element("pre", { tabindex: "0", "aria-label": "Evidence" }, data.texts[evidence])),
      );
    return item;
  };

  /* Expected changes: the operation on the left, each table that it changes on the right. */
  const SVG = "http://www.w3.org/2000/svg";
  const drawn = (name, attributes, text = "") => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = text;
    return node;
  };
  const cut = (text, longest) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
  const ARROWS = { inserts: "+", updates: "~", deletes: "−" };
  const diagram = (operation) => {
    if (!operation.e.length)
      return element("p", {}, "The mapping does not say which rows it writes.");
    const step = 54;
    const height = operation.e.length * step + 8;
    const told = operation.e.map(([kind, name, detail, later]) => `${kind} ${name}${detail ? ` (${detail})` : ""}${later ? ", later" : ""}`);
    const svg = drawn("svg", { viewBox: `0 0 700 ${height}`, class: "diagram", role: "img" });
    svg.setAttribute("aria-label", `${operation.l}: ${told.join("; ")}; nothing else changes`);
    const middle = height / 2;
    svg.append(
      drawn("rect", { x: 2, y: middle - 20, width: 230, height: 40, rx: 6 }),
      drawn("text", { x: 14, y: middle + 5 }, cut(operation.l, 32)),
    );
    operation.e.forEach(([kind, name, detail, later], place) => {
      const y = place * step + step / 2 + 4;
      svg.append(
        drawn("path", { d: `M232 ${middle} C 290 ${middle}, 290 ${y}, 350 ${y}`, class: `${kind}${later ? " later" : ""}` }),
        drawn("rect", { x: 350, y: y - 21, width: 346, height: 42, rx: 6, class: kind }),
        drawn("text", { x: 362, y: detail || later ? y - 3 : y + 5 }, `${ARROWS[kind]} ${kind} ${cut(name, 36)}`),
      );
      const more = [detail, later ? "later" : ""].filter(Boolean).join(", ");
      if (more) svg.append(drawn("text", { x: 378, y: y + 14, class: "detail" }, cut(more, 50)));
    });
    return svg;
  };

  addEventListener("hashchange", restore);
  restore();
  (window.requestIdleCallback ?? setTimeout)(indexed);
})();
