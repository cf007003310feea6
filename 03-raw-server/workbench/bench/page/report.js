"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const languages = ["en", "pt-BR"];
const here = new Set(data.servers.filter((s) => s.library === "").map((s) => s.name));
let lang = data.lang;

const say = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), data.words[lang][key] ?? key);
const mine = (texts) => texts[languages.indexOf(lang)];

// three writes a figure with three digits that count.
const places = (f) => f >= 99.95 ? 0 : f >= 9.995 ? 1 : f >= 0.1 ? 2 : 3;
const three = (f) => f === null ? "–" : f.toLocaleString(lang, { minimumFractionDigits: places(f), maximumFractionDigits: places(f) });
const one = (f) => f === null ? "–" : f.toLocaleString(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = (f) => f === null ? "–" : Math.round(f).toLocaleString(lang);

// make builds an element: properties, then children.
function make(tag, properties = {}, ...children) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children.filter((c) => c !== null));
  return e;
}

// draw builds an element of a picture: attributes, then children.
function draw(tag, attributes = {}, ...children) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

// at is where a figure stands on an axis, from 0 to 1.
const at = (axis, f) => axis.log ? Math.log(f / axis.low) / Math.log(axis.high / axis.low) : f / axis.high;

// plot draws a workload's rows for a place of this width.
function plot(w, width) {
  const rows = w.rows.filter((r) => r.spread);
  const left = 14 + Math.max(...rows.map((r) => r.peer.length)) * 8;
  const right = 58, line = 30, top = 4;
  const bottom = top + rows.length * line;
  const x = (f) => left + at(w.axis, f) * (width - left - right);
  const zero = w.axis.log ? x(Math.min(Math.max(1, w.axis.low), w.axis.high)) : x(0);
  const what = w.conns ? say("kib") : ratioName(w);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${bottom + 24}`, role: "img", "aria-label": say("plot", { what: `${w.name}, ${what}` }) });
  let free = -Infinity; // where the last tick's text ended
  for (const tick of w.axis.ticks) {
    const is = !w.conns && tick === 1;
    svg.append(draw("line", { class: is ? "one" : "grid", x1: x(tick), x2: x(tick), y1: top, y2: bottom }));
    const text = tick.toLocaleString(lang);
    if (x(tick) - text.length * 4 > free) {
      svg.append(draw("text", { class: "tick", x: x(tick), y: bottom + 16, "text-anchor": "middle" }, text));
      free = x(tick) + text.length * 4 + 6;
    }
  }
  rows.forEach((r, i) => {
    const y = top + i * line + line / 2;
    const [low, mid, high] = r.spread;
    const from = w.conns && w.axis.log ? left : zero;
    svg.append(draw("g", { class: here.has(r.peer) ? "ours" : "" },
      draw("title", {}, `${r.peer}: ${three(mid)} (${three(low)} – ${three(high)})`),
      draw("text", { class: "name", x: 0, y: y + 5 }, r.peer),
      draw("rect", { class: "bar", x: Math.min(from, x(mid)), y: y - 8, width: Math.abs(x(mid) - from), height: 16, rx: 2 }),
      draw("line", { class: "whisker", x1: x(low), x2: x(high), y1: y, y2: y }),
      draw("line", { class: "whisker", x1: x(low), x2: x(low), y1: y - 5, y2: y + 5 }),
      draw("line", { class: "whisker", x1: x(high), x2: x(high), y1: y - 5, y2: y + 5 }),
      draw("circle", { class: "dot", cx: x(mid), cy: y, r: 4 }),
      draw("text", { x: width, y: y + 5, "text-anchor": "end" }, w.conns ? one(mid) : three(mid))));
  });
  return svg;
}

const ratioName = (w) => say(w.clock ? "ratio.time" : "ratio.cpu", { baseline: w.baseline });

// table builds a table: the heads, then rows of cells. Columns in prose are
// words, not figures.
function table(heads, rows, prose = []) {
  const cell = (tag) => (text, i) => make(tag, { className: prose.includes(i) ? "prose" : "" }, text);
  return make("div", { className: "scroll" }, make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map(cell("th")))),
    make("tbody", {}, ...rows.map((r) => make("tr", {}, ...r.map(cell("td")))))));
}

const quartiles = (r, w) => r.peer === w.baseline ? make("span", {}, "1") : r.spread === null ? "–"
  : make("span", {}, three(r.spread[1]) + " ", make("small", {}, `(${three(r.spread[0])} – ${three(r.spread[2])})`));

function figures(w) {
  if (w.conns) {
    return table([say("server"), say("connected"), say("freed"), say("echoed"), say("freedLast"), say("handshake")],
      w.rows.map((r) => [r.peer, one(r.figures.connected), one(r.figures.freed), one(r.figures.echoed), one(r.figures.freedLast), whole(r.figures.handshake)]));
  }
  return table([say("server"), `${ratioName(w)} (${say("quartiles")})`, say("cpu"), say("rate"), say("calls"), say("clients")],
    w.rows.map((r) => [r.peer, quartiles(r, w), three(r.figures.cpu), whole(r.figures.rate), `${three(r.figures.reads)}; ${three(r.figures.writes)}`, three(r.figures.clients)]));
}

const said = new Set(); // how a plot is read is said once
const plots = []; // to be drawn again when the width changes

function workload(w) {
  const section = make("section", {}, make("h2", {}, w.name, w.title ? make("small", {}, mine(w.title)) : null));
  if (w.rows.length === 0) {
    section.append(make("p", {}, say("nobody")));
  } else {
    const lead = w.conns ? say("lead.idle", { n: w.conns.toLocaleString(lang) }) : say(w.clock ? "lead.time" : "lead.cpu", { baseline: w.baseline });
    const text = [said.has(lead) ? "" : lead, w.axis.log ? say("log") : ""].join(" ").trim();
    said.add(lead);
    if (text) section.append(make("p", { className: "soft" }, text));
    if (w.rows.some((r) => r.spread)) {
      const place = make("div");
      plots.push([place, w]);
      section.append(place);
    }
    section.append(figures(w));
  }
  if (w.unable) section.append(make("p", { className: "soft" }, say("unable", { names: w.unable.join(", ") })));
  for (const f of w.failures ?? []) section.append(make("p", {}, say("failed", f)));
  return section;
}

function drawPlots() {
  for (const [place, w] of plots) place.replaceChildren(plot(w, place.clientWidth));
}

function show() {
  document.documentElement.lang = lang;
  document.title = say("title");
  document.getElementById("languages").setAttribute("aria-label", say("language"));
  for (const e of document.querySelectorAll("[data-say]")) e.textContent = say(e.dataset.say);
  for (const b of document.querySelectorAll("[data-lang]")) b.setAttribute("aria-pressed", b.dataset.lang === lang);
  document.getElementById("machine").textContent = [...data.machine, data.began].join(" · ");
  const rounds = data.rounds === 1 ? say("rounds.1") : say("rounds.n", { n: data.rounds });
  const pinned = data.cpus.length ? say("pinned", { server: data.cpus[0], clients: data.cpus[1] }) + " " : "";
  const ours = here.size > 0 && here.size < data.servers.length ? " " + say("ours") : "";
  document.getElementById("pinned").textContent = pinned + rounds + ours;
  plots.length = 0;
  said.clear();
  document.getElementById("main").replaceChildren(
    ...data.workloads.map(workload),
    make("h2", {}, say("unmeasured")),
    make("p", {}, say("unmeasured.text")),
    ...data.notes.map((n) => make("p", {}, mine(n))),
    make("h2", {}, say("servers")),
    table([say("server"), say("library"), say("how")], data.servers.map((s) => [s.name, s.library || say("here"), mine(s.how)]), [1, 2]),
    ...(data.servers.some((s) => s.name === "limit") ? [make("p", { className: "soft" }, say("limit"))] : []),
    make("h2", {}, say("command")),
    make("pre", {}, data.command));
  drawPlots();
}

for (const b of document.querySelectorAll("[data-lang]")) b.onclick = () => { lang = b.dataset.lang; show(); };
addEventListener("resize", drawPlots);
show();
