"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const languages = ["en", "pt-BR"];
const verdicts = ["ok", "failed", "not strict", "not offered", "skipped"];
const cases = data.parts.flatMap((p) => p.groups.flatMap((g) => g.cases));
const squares = new Map(); // by ID
let lang = data.lang;
let filter = "all";
let open = null;

const say = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), data.words[lang][key] ?? key);
const mine = (texts) => texts[languages.indexOf(lang)];
const number = (n) => (/^\d+$/.test(n) ? Number(n).toLocaleString(lang) : n);

// make builds an element: properties, then children.
function make(tag, properties = {}, ...children) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children.filter((c) => c !== null));
  return e;
}

// mark is the shape of a verdict.
function mark(verdict) {
  const shapes = {
    "ok": '<rect x="1" y="1" width="14" height="14" rx="3" fill="currentColor" opacity=".85"/>',
    "failed": '<rect x="1" y="1" width="14" height="14" rx="3" fill="currentColor"/><path d="M4.5 4.5l7 7m0-7l-7 7" stroke="var(--paper)" stroke-width="2.2"/>',
    "not strict": '<rect x="1" y="1" width="14" height="14" rx="3" fill="currentColor" opacity=".3"/><path d="M4 8q2-4 4 0t4 0" fill="none" stroke="currentColor" stroke-width="2.2"/>',
    "not offered": '<rect x="2" y="2" width="12" height="12" rx="3" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "skipped": '<path d="M4 8h8" stroke="currentColor" stroke-width="2"/>',
  };
  const span = make("span", { className: "mark v-" + verdict.replaceAll(" ", "-") });
  span.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true">${shapes[verdict]}</svg>`;
  return span;
}

const word = (verdict) => say(`verdict.${verdict}`).toLowerCase();

function header() {
  document.documentElement.lang = lang;
  document.title = `${say("page.title")}: ${data.peer}`;
  document.getElementById("kind").textContent = `${say("page.title")}, ${say(data.client ? "page.client" : "page.server")}`;
  document.getElementById("peer").textContent = data.peer;
  const seconds = data.seconds.toLocaleString(lang, { maximumFractionDigits: 1 });
  document.getElementById("took").textContent = say("page.took", { n: number(String(cases.length)), s: seconds, at: data.at });
  document.getElementById("lead").textContent = say("page.lead");
  document.getElementById("none").textContent = say("page.none");
  const missing = document.getElementById("missing");
  missing.hidden = data.missing === 0;
  missing.textContent = say("page.missing", { n: data.missing });
  for (const b of document.querySelectorAll("[data-lang]")) b.setAttribute("aria-pressed", b.dataset.lang === lang);
}

function filters() {
  const place = document.getElementById("filters");
  place.setAttribute("aria-label", say("page.show"));
  place.replaceChildren();
  for (const v of ["all", ...verdicts]) {
    const n = v === "all" ? cases.length : cases.filter((c) => c.verdict === v).length;
    if (n === 0 && v !== "failed") continue;
    const label = v === "all" ? say("page.all") : word(v);
    const b = make("button", { type: "button", onclick: () => { filter = v; filters(); show(); } },
      v === "all" ? null : mark(v), make("b", {}, number(String(n))), " " + label);
    b.setAttribute("aria-pressed", filter === v);
    place.append(b);
  }
}

function matrix() {
  const place = document.getElementById("matrix");
  place.replaceChildren();
  squares.clear();
  for (const part of data.parts) {
    const all = part.groups.flatMap((g) => g.cases);
    const counts = verdicts.map((v) => [v, all.filter((c) => c.verdict === v).length]).filter(([, n]) => n > 0);
    const section = make("section", {},
      make("h2", {}, mine(part.name), make("small", {}, counts.map(([v, n]) => `${n} ${word(v)}`).join(", "))));
    const rows = part.groups.flatMap((g) => (g.id ? [g] : g.cases.map((c) => ({ ...g, name: c.title, cases: [c] }))));
    for (const group of rows) {
      const name = group.name ? mine(group.name) : "";
      const row = make("div", { className: "cases" });
      group.cases.forEach((c, i) => {
        const b = make("button", { type: "button", className: "case", tabIndex: i === 0 ? 0 : -1, onclick: () => choose(c.id) }, mark(c.verdict));
        const label = `${c.id}: ${mine(c.title)}, ${word(c.verdict)}`;
        b.title = label;
        b.setAttribute("aria-label", label);
        squares.set(c.id, b);
        row.append(b);
      });
      row.addEventListener("keydown", walk);
      section.append(make("div", { className: "group" },
        make("div", { className: "name" }, make("span", {}, group.id ?? ""), name), row));
    }
    place.append(section);
  }
  show();
}

// walk moves between the squares of a row with the arrow keys.
function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const row = [...event.currentTarget.children].filter((b) => !b.hidden);
  row[row.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
}

// show hides what the filter leaves out.
function show() {
  let any = false;
  for (const c of cases) {
    const seen = filter === "all" || c.verdict === filter;
    squares.get(c.id).hidden = !seen;
    any ||= seen;
  }
  for (const g of document.querySelectorAll(".group")) g.hidden = !g.querySelector(".case:not([hidden])");
  for (const g of document.querySelectorAll(".group")) g.style.display = g.hidden ? "none" : "";
  for (const s of document.querySelectorAll("#matrix section")) s.style.display = s.querySelector(".case:not([hidden])") ? "" : "none";
  document.getElementById("none").hidden = any;
}

const bytes = (hex) => hex.match(/../g) ?? [];

// headerSize is how many bytes of a frame are its header.
function headerSize(hex) {
  const second = parseInt(hex.slice(2, 4), 16);
  const length = second & 0x7f;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
}

function hexOf(e) {
  const all = bytes(e.hex);
  const n = e.kind ? headerSize(e.hex) : 0;
  const code = make("code", {}, make("span", { className: n ? "head" : "" }, all.slice(0, n).join(" ")), " " + all.slice(n).join(" "));
  if (e.size > all.length) code.append(" …");
  return code;
}

function what(e) {
  const flags = [e.kind, ...(e.flags ?? [])];
  if ((parseInt(e.hex.slice(0, 2), 16) & 0x80) === 0) flags.push(say("frame.open"));
  if (e.mask) flags.push(say("frame.mask"));
  flags.push(e.len === "1" ? say("frame.byte") : say("frame.bytes", { n: number(e.len) }));
  return flags.join(", ") + (e.text ? `: ${e.text}` : "") + (e.cut ? " " + say("frame.cut", { n: e.came }) : "");
}

function line(e) {
  const at = make("span", { className: "at" }, `${e.ms.toLocaleString(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} ms`);
  const content = make("div");
  if (e.note) content.append(make("span", { className: "what" }, say(e.note, { line: e.line ?? "" })));
  else if (e.kind) content.append(make("div", { className: "what" }, what(e)), hexOf(e));
  else content.append(hexOf(e));
  return make("li", { className: e.sent ? "sent" : "came" },
    make("div", { className: "way" }, (e.sent ? "→ " : "← ") + say(e.sent ? "page.sent" : "page.came"), at), content);
}

function compare(c) {
  if (!c.wanted) return null;
  const at = (c.caret ?? 0) - 1;
  const from = Math.max(0, at - 8);
  const row = (hex) => {
    const parts = bytes(hex).slice(from, from + 24).map((b, i) => (from + i === at ? make("b", {}, b) : b)).flatMap((b) => [b, " "]);
    return [from > 0 ? "… " : "", ...parts];
  };
  const labels = [say("page.came"), say("page.wanted")];
  const width = Math.max(...labels.map((l) => l.length)) + 2;
  const box = make("div", { className: "compare" });
  if (c.came) box.append(make("i", {}, labels[0].padEnd(width)), ...row(c.came), "\n");
  box.append(make("i", {}, labels[1].padEnd(width)), ...row(c.wanted));
  return box;
}

function choose(id) {
  const c = cases.find((x) => x.id === id);
  if (!c) return;
  open = id;
  history.replaceState(null, "", "#" + id);
  for (const [key, b] of squares) b.setAttribute("aria-current", key === id);
  const shown = cases.filter((x) => filter === "all" || x.verdict === filter || x === c);
  const at = shown.indexOf(c);
  const go = (to, label) => make("button", { type: "button", disabled: !shown[to], onclick: () => choose(shown[to].id) }, label);
  const verdict = mark(c.verdict);
  verdict.append(word(c.verdict));
  const frames = make("ol", { className: "frames" }, ...c.log.map(line));
  if (c.more) frames.children[Math.floor(c.log.length / 2)].before(make("li", {}, make("span", {}), make("span", { className: "more" }, say("page.more", { n: number(String(c.more)) }))));
  const why = c.why ? make("p", { className: "why v-" + c.verdict.replaceAll(" ", "-") }, make("span", {}, mine(c.why))) : null;
  const hints = c.hints && c.verdict !== "not offered"
    ? make("details", {}, make("summary", {}, say("page.hints")), make("ol", {}, ...c.hints.map((h) => make("li", {}, mine(h))))) : null;
  const detail = document.getElementById("detail");
  detail.hidden = false;
  detail.replaceChildren(...[
    make("nav", {}, make("span", {}, go(at - 1, "← " + say("page.previous")), " ", go(at + 1, say("page.next") + " →")),
      make("button", { type: "button", onclick: shut }, say("page.close"))),
    make("h2", {}, `${c.id}  ${mine(c.title)}`),
    make("div", { className: "facts" }, verdict, make("span", {}, c.rule || c.section), make("span", {}, c.level), make("span", {}, say("page.took.one", { n: number(String(Math.round(c.ms))) }))),
    why, compare(c),
    c.log.length ? frames : make("p", { className: "soft" }, say("page.nothing")),
    hints,
  ].filter((e) => e !== null));
  detail.scrollTop = 0;
}

function shut() {
  document.getElementById("detail").hidden = true;
  const square = squares.get(open);
  open = null;
  history.replaceState(null, "", location.pathname + location.search);
  square?.setAttribute("aria-current", "false");
  square?.focus();
}

function draw() {
  header();
  filters();
  matrix();
  if (open) choose(open);
}

for (const b of document.querySelectorAll("[data-lang]")) b.onclick = () => { lang = b.dataset.lang; draw(); };
document.addEventListener("keydown", (e) => { if (e.key === "Escape" && open) shut(); });
window.addEventListener("hashchange", () => choose(decodeURIComponent(location.hash.slice(1))));
open = decodeURIComponent(location.hash.slice(1)) || null;
draw();
