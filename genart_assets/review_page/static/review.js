"use strict";
(() => {
const $ = (id) => document.getElementById(id);
const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
const MARKS = { accept: "✓", reject: "✗", redo: "↻" };
const DONE = { accept: "accepted", reject: "rejected", redo: "sent to be redone" };
const POLL_MS = 2000, HIDDEN_POLL_MS = 15000, VIEWS_KEPT = 40, AHEAD = 5;
const STORED = `genart-review:${meta("home")}:`;

history.replaceState(null, "", "/"); // the token leaves the address bar

const server = new Map(); // key to what the server says of the row
const tiles = new Map(); // key to its button
const pending = []; // decisions that the server has not acknowledged, oldest first
const views = new Map(); // key to the large view of a row, ready to be shown
let mine = JSON.parse(sessionStorage.getItem("mine") || "[]"); // what `u` takes back, last one last
let order = []; // keys in the grid's order
let current = null; // key of the row that the keys act on
let problems = [];
let nameNow = localStorage.getItem("genart-reviewer") || meta("reviewer");

// --- what stands: the server's word, and over it what is on its way there ------------------------------------------

function standing(key) {
  const known = server.get(key) || { version: 0, outcomes: [], tags: [], scores: {} };
  const own = pending.filter((decision) => decision.key === key);
  if (!own.length) return known;
  const undone = new Set(own.map((decision) => decision.body.undoes));
  let outcomes = known.outcomes.filter((outcome) => !undone.has(outcome.id));
  const tags = new Set(known.tags), scores = { ...known.scores };
  for (const { body } of own) {
    if (undone.has(body.id)) continue;
    if (MARKS[body.action]) {
      outcomes = outcomes.filter((outcome) => outcome.reviewer !== body.reviewer);
      outcomes.push({ id: body.id, action: body.action, reviewer: body.reviewer, recipe: body.recipe_id });
    }
    (body.tags || []).forEach((tag) => tags.add(tag));
    if (body.score) scores[body.recipe_id] = body.score;
  }
  return { version: known.version, outcomes, tags: [...tags].sort(), scores };
}

const holds = (state) => state.outcomes[state.outcomes.length - 1] || null;
const apart = (state) => new Set(state.outcomes.map((o) => (o.action === "accept" ? o.recipe : o.action))).size > 1;

// --- the grid ------------------------------------------------------------------------------------------------------

const filters = $("filters");

let want = {}; // what the filters say

function matches(tile, state) {
  const outcome = holds(state);
  const fits = { undecided: !outcome, all: true, disagreed: apart(state) };
  return (want.state in fits ? fits[want.state] : outcome?.action === want.state)
    && (!want.order || tile.dataset.order === want.order)
    && (!want.why || tile.dataset.why === want.why)
    && (!want.failed || tile.dataset.failed.split(" ").includes(want.failed))
    && (!want.tag || state.tags.includes(want.tag));
}

function paint(tile) {
  const state = standing(tile.dataset.key), outcome = holds(state);
  tile.dataset.state = outcome ? outcome.action : "";
  const scores = Object.values(state.scores);
  const mark = [outcome ? MARKS[outcome.action] : "", scores.length ? `${Math.max(...scores)}★` : "",
    state.tags.length ? "⚑" : "", apart(state) ? "≠" : ""].filter(Boolean).join(" ");
  const place = tile.querySelector(".mark");
  if (place.textContent !== mark) place.textContent = mark;
  if (outcome?.action === "accept") {
    const image = tile.querySelector("img"), source = `/thumbnails/${tile.dataset.key}/${outcome.recipe}`;
    if (image.getAttribute("src") !== source) image.src = source;
  }
  tile.hidden = !matches(tile, state);
}

function index() {
  order = [];
  tiles.clear();
  for (const tile of $("grid").children) {
    order.push(tile.dataset.key);
    tiles.set(tile.dataset.key, tile);
  }
}

function shown() {
  return order.filter((key) => !tiles.get(key).hidden);
}

let summaryDue = false;
function summariseSoon() {
  // the next image comes first
  if (!summaryDue) setTimeout(() => { summaryDue = false; summarise(); }, 60);
  summaryDue = true;
}

function summarise() {
  const briefs = new Map(), failed = new Set();
  for (const key of order) {
    const tile = tiles.get(key), brief = briefs.get(tile.dataset.order) || { all: 0, decided: 0 };
    brief.all += 1;
    brief.decided += tile.dataset.state ? 1 : 0;
    briefs.set(tile.dataset.order, brief);
    tile.dataset.failed.split(" ").filter(Boolean).forEach((name) => failed.add(name));
  }
  const names = [...briefs.keys()].map((key) => key.split(".")[0]);
  const label = (key) => (names.filter((name) => name === key.split(".")[0]).length > 1 ? key : key.split(".")[0]);
  $("progress").replaceChildren(...[...briefs].map(([key, { all, decided }]) => {
    const bar = document.createElement("progress"), line = document.createElement("p"), box = document.createElement("div");
    bar.max = all;
    bar.value = decided;
    line.append(span(label(key)), span(`${decided} of ${all}`, "soft"));
    box.append(line, bar);
    return box;
  }));
  offer(filters.elements.order, [...briefs.keys()].map((key) => [key, label(key)]));
  offer(filters.elements.failed, [...failed].sort().map((name) => [name, name.replaceAll("_", " ")]));
  const here = showPlace();
  $("nothing").hidden = here.length > 0 || isLarge();
  $("nothing").textContent = order.length ? "Nothing left here. Other filters show more." : "Nothing to review yet.";
}

function showPlace() {
  const here = shown(), place = here.indexOf(current);
  $("count").textContent = `${here.length} shown of ${order.length}${place < 0 ? "" : `, this is number ${place + 1}`}`;
  return here;
}

function offer(select, options) {
  if (select.options.length === options.length + 1) return;
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...options.map(([value, text]) => new Option(text, value)));
  select.value = options.some(([value]) => value === chosen) ? chosen : "";
}

function span(text, kind = "") {
  const element = document.createElement("span");
  element.textContent = text;
  element.className = kind;
  return element;
}

function repaint() {
  want = Object.fromEntries(new FormData(filters));
  tiles.forEach(paint);
  summarise();
}

function choose(key) {
  tiles.get(current)?.removeAttribute("data-current");
  current = key;
  const tile = tiles.get(key);
  if (!tile) return;
  tile.setAttribute("data-current", "");
  if (!isLarge()) tile.scrollIntoView({ block: "nearest" });
  summariseSoon();
}

function beside(key, step) {
  // the nearest row that is shown, from the place of `key`, which may be hidden itself
  for (let place = order.indexOf(key) + step; place >= 0 && place < order.length; place += step) {
    if (!tiles.get(order[place]).hidden) return order[place];
  }
  return null;
}

function columns() {
  return getComputedStyle($("grid")).gridTemplateColumns.split(" ").length;
}

// --- the large view ------------------------------------------------------------------------------------------------

const isLarge = () => !$("large").hidden;
const view = () => $("stage").firstElementChild;
const chosen = () => view()?.querySelector("[data-chosen]");

function ready(key) {
  const version = server.get(key)?.version, known = views.get(key);
  if (known && known.version === version) {
    views.delete(key);
    views.set(key, known); // the oldest is in front
    return known;
  }
  const fresh = { version, element: known?.element || null };
  fresh.arrives = fetch(`/slots/${key}`).then(async (response) => {
    if (!response.ok) throw new Error(await refusal(response));
    const page = document.createElement("template");
    page.innerHTML = await response.text();
    fresh.element = document.importNode(page.content.firstElementChild, true);
    fresh.element.querySelectorAll("img").forEach((image) => image.decode().catch(() => {}));
    return fresh.element;
  });
  fresh.arrives.catch(() => views.delete(key));
  views.set(key, fresh);
  while (views.size > VIEWS_KEPT) views.delete(views.keys().next().value);
  return fresh;
}

function mount(key, element) {
  if (!element || key !== current || element === view()) return;
  const before = view()?.dataset.key === key ? chosen()?.dataset.recipe : null;
  $("stage").replaceChildren(element);
  const accepted = holds(standing(key))?.recipe;
  const all = [...element.querySelectorAll(".attempt")];
  pick(all.find((one) => one.dataset.recipe === before) || all.find((one) => one.dataset.recipe === accepted) || all.at(-1));
  if (!$("zoom").hidden) zoom(true);
}

function show(key) {
  if (!key) return close();
  $("large").hidden = false;
  $("grid").hidden = true; // what is not shown is not laid out
  choose(key);
  const it = ready(key);
  if (it.element) mount(key, it.element);
  else $("stage").replaceChildren();
  it.arrives.then((element) => mount(key, element)).catch((error) => notice(error.message, true));
  showStanding();
  for (let ahead = key, count = 0; count < AHEAD && (ahead = beside(ahead, 1)); count += 1) ready(ahead);
  const behind = beside(key, -1);
  if (behind) ready(behind);
}

function close() {
  $("large").hidden = true;
  $("grid").hidden = false;
  $("zoom").hidden = true;
  $("stage").replaceChildren();
  $("grid").focus({ preventScroll: true });
  if (current) choose(current);
  summarise();
}

function pick(attempt) {
  chosen()?.removeAttribute("data-chosen");
  attempt?.setAttribute("data-chosen", "");
  attempt?.scrollIntoView({ block: "nearest", inline: "nearest" });
  showStanding();
}

function showStanding() {
  if (!isLarge()) return;
  const state = standing(current), parts = [];
  const attempts = [...(view()?.querySelectorAll(".attempt") || [])];
  const round = (recipe) => attempts.find((one) => one.dataset.recipe === recipe)?.querySelector("strong").textContent;
  for (const outcome of state.outcomes) {
    const which = outcome.action === "accept" && attempts.length > 1 ? ` ${round(outcome.recipe) || ""}` : "";
    parts.push(span(`${outcome.reviewer} ${DONE[outcome.action]}${which}`, outcome === holds(state) ? "" : "soft"));
  }
  if (apart(state)) parts.push(span("reviewers disagree; the last one holds, all are stored", "apart"));
  if (state.tags.length) parts.push(span(state.tags.join(", ")));
  if (!parts.length) parts.push(span("undecided", "soft"));
  $("standing").replaceChildren(...parts.flatMap((part, place) => (place ? [" · ", part] : [part])));
  for (const attempt of attempts) {
    const score = state.scores[attempt.dataset.recipe];
    const accepted = holds(state)?.action === "accept" && holds(state).recipe === attempt.dataset.recipe;
    attempt.querySelector(".own").textContent = [accepted ? "✓" : "", score ? "★".repeat(score) : ""].join(" ");
  }
  const given = state.scores[chosen()?.dataset.recipe];
  document.querySelectorAll(".scores button").forEach((button) =>
    button.toggleAttribute("data-given", button.dataset.press === String(given)));
}

function zoom(on) {
  const image = chosen()?.querySelector("img");
  if (!on || !image) {
    $("zoom").hidden = true;
    return;
  }
  const big = $("zoom").querySelector("img");
  big.src = image.src;
  big.alt = image.alt;
  $("zoom").dataset.small = chosen().dataset.small;
  $("zoom").dataset.whole = "yes";
  $("zoom").hidden = false;
}

function zoomOn() {
  // whole, then pixel by pixel where that is larger, then off
  if ($("zoom").hidden) return zoom(true);
  const big = $("zoom").querySelector("img");
  const larger = big.naturalWidth > innerWidth || big.naturalHeight > innerHeight;
  if (larger && $("zoom").dataset.whole === "yes") $("zoom").dataset.whole = "no";
  else zoom(false);
}

// --- deciding ------------------------------------------------------------------------------------------------------

const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

function decide(action, fields = {}, recipe = null) {
  const slot = view(), key = slot.dataset.key;
  const body = {
    id: newId(), order: slot.dataset.order, recipe_id: recipe || chosen().dataset.recipe, action, reviewer: nameNow, ...fields,
  };
  mine.push({ id: body.id, key, order: body.order, recipe: body.recipe_id });
  enqueue(key, body);
}

function enqueue(key, body) {
  const place = `${STORED}${String(Date.now()).padStart(15, "0")}:${body.id}`;
  try {
    localStorage.setItem(place, JSON.stringify({ key, body })); // outlives the tab until it is acknowledged
  } catch {
    notice("this browser stores nothing: leave the page open until everything is saved", true);
  }
  pending.push({ key, body, place });
  keepMine();
  if (tiles.has(key)) paint(tiles.get(key));
  summariseSoon();
  showStanding();
  showConnection("");
  send();
}

function keepMine() {
  mine = mine.slice(-200);
  sessionStorage.setItem("mine", JSON.stringify(mine));
}

function goOn() {
  const next = beside(current, 1) || shown()[0];
  if (next) show(next);
  else close();
}

function settle(action, fields = {}) {
  // to reject or redo is about the slot, so about its last attempt; to accept is about the chosen one
  decide(action, fields, action === "accept" ? null : view().dataset.last);
  goOn();
}

function undo() {
  const last = mine.pop();
  if (!last) return notice("there is no decision of yours to undo here");
  enqueue(last.key, {
    id: newId(), order: last.order, recipe_id: last.recipe, action: "undo", undoes: last.id, reviewer: nameNow,
  });
  if (!tiles.has(last.key)) return undefined;
  return isLarge() ? show(last.key) : choose(last.key);
}

let sending = false;
async function send() {
  if (sending) return;
  sending = true;
  for (let pause = 250; pending.length;) {
    const decision = pending[0];
    let response = null;
    try {
      response = await fetch("/decisions", {
        method: "POST",
        headers: { "Content-Type": "application/json", [meta("csrf-header")]: meta("csrf") },
        body: JSON.stringify(decision.body),
      });
    } catch { /* no server: asked again below */ }
    if (response && (response.ok || [404, 409, 413, 415, 422].includes(response.status))) {
      await settled(decision, response);
      pause = 250;
    } else {
      showConnection(!response ? "no server" : response.status === 401 || response.status === 403
        ? "this page has lost access: open the address that genart review printed" : `the server says ${response.status}`);
      await new Promise((wake) => setTimeout(wake, pause));
      pause = Math.min(pause * 2, 4000);
    }
  }
  sending = false;
  showConnection("");
}

async function settled(decision, response) {
  const answer = response.ok ? await response.json() : await refusal(response);
  pending.shift();
  localStorage.removeItem(decision.place);
  if (response.ok) {
    const before = server.get(decision.key);
    if (answer.state) know(decision.key, answer.state);
    const said = decision.body, others = (answer.state?.outcomes || []).filter((o) => o.reviewer !== said.reviewer
      && (o.action !== said.action || (o.action === "accept" && o.recipe !== said.recipe_id)));
    if (MARKS[said.action] && others.length) {
      const other = others.at(-1), when = before?.outcomes.some((o) => o.id === other.id) ? "before" : "meanwhile";
      notice(`${name(decision.key)}: ${other.reviewer} ${DONE[other.action]} it ${when}. Your decision holds, both are stored.`);
    }
  } else {
    mine = mine.filter((one) => one.id !== decision.body.id);
    keepMine();
    notice(`${name(decision.key)}: ${answer}`, true);
  }
  if (tiles.has(decision.key)) paint(tiles.get(decision.key));
  summariseSoon();
  if (decision.key === current) showStanding();
  showConnection("");
}

const name = (key) => key.replace(/\.[0-9a-f]{10}\//, " slot ");

async function refusal(response) {
  const text = await response.text();
  try {
    const answer = JSON.parse(text);
    return [answer.error || answer.detail, answer.remedy].filter(Boolean).join(": ");
  } catch {
    return `the server says ${response.status}: ${text}`;
  }
}

function showConnection(trouble) {
  const count = pending.length;
  $("link").textContent = count ? `${count} decision${count > 1 ? "s" : ""} on the way${trouble ? `: ${trouble}` : ""}`
    : trouble || "everything is saved";
  $("link").classList.toggle("late", Boolean(trouble));
}

function notice(text, bad = false) {
  const line = document.createElement("p");
  line.textContent = text;
  line.className = bad ? "bad" : "";
  line.addEventListener("click", () => line.remove());
  $("notices").append(line);
  if (!bad) setTimeout(() => line.remove(), 8000);
  while ($("notices").children.length > 5) $("notices").firstChild.remove();
}

// --- what others do ------------------------------------------------------------------------------------------------

function know(key, state) {
  const before = server.get(key);
  if (before && before.version > state.version) return false; // an answer that was overtaken
  server.set(key, state);
  return !before || before.version !== state.version;
}

let tag = null;
async function poll() {
  try {
    const response = await fetch("/state", { headers: tag ? { "If-None-Match": tag } : {} });
    if (response.status === 200) {
      tag = response.headers.get("ETag");
      await take(await response.json());
    }
    if (response.status === 200 || response.status === 304) { if (!pending.length) showConnection(""); }
    else if (!pending.length) {
      showConnection(response.status === 401 ? "this page has lost access: open the address that genart review printed"
        : `the server says ${response.status}`);
    }
  } catch {
    if (!pending.length) showConnection("no server");
  }
  setTimeout(poll, document.hidden ? HIDDEN_POLL_MS : POLL_MS);
}

async function take({ slots, problems: reported }) {
  const held = current ? holds(standing(current)) : null;
  const changed = Object.keys(slots).filter((key) => know(key, slots[key]));
  if (outdated(slots)) await layTiles();
  changed.filter((key) => tiles.has(key)).forEach((key) => paint(tiles.get(key)));
  if (JSON.stringify(reported) !== JSON.stringify(problems)) {
    problems = reported;
    $("problems").textContent = problems.join("\n");
    $("problems").hidden = !problems.length;
  }
  if (!changed.length) return;
  summarise();
  if (!changed.includes(current) || !isLarge()) return;
  const now = holds(standing(current));
  if (now && now.reviewer !== nameNow && now.id !== held?.id) {
    notice(`${now.reviewer} ${DONE[now.action]} this image meanwhile`);
  }
  ready(current).arrives.then((element) => mount(current, element)).catch(() => {});
  showStanding();
}

function outdated(slots) {
  return Object.keys(slots).length !== tiles.size
    || Object.entries(slots).some(([key, state]) => Number(tiles.get(key)?.dataset.attempts) !== state.attempts);
}

async function layTiles() {
  const response = await fetch("/tiles");
  if (!response.ok) return;
  const page = document.createElement("template");
  page.innerHTML = await response.text();
  const fresh = [...document.importNode(page.content, true).children].map((tile) => {
    const known = tiles.get(tile.dataset.key);
    return known && known.dataset.attempts === tile.dataset.attempts ? known : tile;
  });
  $("grid").replaceChildren(...fresh);
  index();
  tiles.get(current)?.setAttribute("data-current", "");
  repaint();
}

// --- keys ----------------------------------------------------------------------------------------------------------

function press(key) {
  if (key === "?") return $("keys").showModal();
  if (key === "u") return undo();
  if (key === "+" || key === "=" || key === "-") return resize(key === "-" ? -32 : 32);
  if (key === "j" || key === "ArrowRight") return step(1);
  if (key === "k" || key === "ArrowLeft") return step(-1);
  if (key === "ArrowDown" || key === "ArrowUp") return up(key === "ArrowDown" ? 1 : -1);
  if (key === "Enter" || key === " ") return isLarge() ? undefined : show(tiles.has(current) ? current : shown()[0]);
  if (key === "Escape") return $("zoom").hidden ? close() : zoom(false);
  if (!"aretz12345".includes(key)) return false;
  if (!isLarge()) return show(tiles.get(current)?.hidden === false ? current : shown()[0]);
  if (!view()) return undefined; // it has not arrived
  if (key === "a") return settle("accept");
  if (key === "r") return settle("reject");
  if (key === "e") return openRedo();
  if (key === "t") return openTags();
  if (key === "z") return zoomOn();
  return decide("score", { score: Number(key) });
}

function step(by) {
  const next = current ? beside(current, by) : shown()[0];
  if (next) (isLarge() ? show : choose)(next);
}

function up(by) {
  if (isLarge()) {
    const all = [...view().querySelectorAll(".attempt")];
    const next = all[all.indexOf(chosen()) + by];
    if (next) pick(next);
    return;
  }
  const here = shown(), place = here.indexOf(current);
  choose(here[place < 0 ? 0 : Math.min(Math.max(place + by * columns(), 0), here.length - 1)]);
}

function resize(by) {
  filters.elements.size.value = Number(filters.elements.size.value) + by;
  applySize();
}

function applySize() {
  document.documentElement.style.setProperty("--tile", `${filters.elements.size.value}px`);
  localStorage.setItem("genart-tile", filters.elements.size.value);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (/^(SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.target.tagName === "INPUT" && event.key.startsWith("Arrow")) return;
  if (event.target.closest("aside, summary") && (event.key === "Enter" || event.key === " ")) return;
  if (event.repeat && "are".includes(event.key)) return; // one press, one decision
  if (press(event.key) !== false) event.preventDefault();
});

// --- dialogs -------------------------------------------------------------------------------------------------------

const acts = new Map(); // dialog to what happens when it is sent

function whenSent(dialog, act) {
  acts.set(dialog, act);
  dialog.showModal();
}

function openTags() {
  const dialog = $("tags"), boxes = [...dialog.querySelectorAll("input")];
  boxes.forEach((box) => { box.checked = false; });
  whenSent(dialog, () => {
    const tags = boxes.filter((box) => box.checked).map((box) => box.value);
    if (tags.length) decide("tag", { tags });
  });
}

$("tags").addEventListener("keydown", (event) => {
  const box = $("tags").querySelectorAll("input")[Number(event.key) - 1];
  if (box) box.checked = !box.checked;
});

for (const dialog of [$("tags"), $("redo"), $("name")]) {
  dialog.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "send") return;
    event.preventDefault();
    dialog.close();
    acts.get(dialog)(); // now: a dialog's close event comes after the next key, which may be about another image
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName === "BUTTON") return;
    event.preventDefault(); // in a select, Enter would open it
    const form = dialog.querySelector("form");
    form.requestSubmit(form.querySelector('[value="send"]'));
  });
}

function openRedo() {
  const dialog = $("redo"), settings = JSON.parse(chosen().dataset.settings);
  dialog.replaceChildren(document.importNode(view().querySelector("template.redo").content, true));
  const at = (path) => path.split(".").reduce((value, part) => value[part], settings);
  const fields = [...dialog.querySelectorAll("select, input")];
  fields.forEach((field) => { field.value = at(field.name); });
  dialog.querySelectorAll("output[data-name]").forEach((field) => { field.value = at(field.dataset.name); });
  whenSent(dialog, () => {
    for (const field of fields) {
      const value = field.type === "number" ? Number(field.value) : field.value, [top, place] = field.name.split(".");
      if (place === undefined) settings[top] = value;
      else settings[top][Number(place)] = value;
    }
    settle("redo", { settings });
  });
}

function sayName() {
  $("reviewer").textContent = nameNow ? `reviewing as ${nameNow}` : "say who you are";
}

$("reviewer").addEventListener("click", () => {
  $("reviewer").blur(); // or it would have the next Enter
  const dialog = $("name"), field = dialog.querySelector("input");
  field.value = nameNow;
  whenSent(dialog, () => {
    if (!field.value.trim()) return;
    nameNow = field.value.trim();
    localStorage.setItem("genart-reviewer", nameNow);
    sayName();
  });
});

// --- mouse, and the start ------------------------------------------------------------------------------------------

$("grid").addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (tile) show(tile.dataset.key);
});
$("stage").addEventListener("click", (event) => {
  const attempt = event.target.closest(".attempt");
  if (attempt) pick(attempt);
});
$("stage").addEventListener("dblclick", () => zoom(true));
$("zoom").addEventListener("click", () => zoom(false));
$("help").addEventListener("click", () => {
  $("help").blur();
  press("?");
});
document.querySelectorAll("[data-press]").forEach((button) => button.addEventListener("click", () => {
  button.blur();
  press(button.dataset.press);
}));
filters.addEventListener("input", (event) => (event.target.name === "size" ? applySize() : repaint()));
let byPointer = false;
addEventListener("pointerdown", () => { byPointer = true; }, true);
addEventListener("keydown", () => { byPointer = false; }, true);
filters.addEventListener("change", (event) => { if (byPointer) event.target.blur(); }); // the keys decide again
filters.addEventListener("submit", (event) => event.preventDefault());
addEventListener("beforeunload", (event) => { if (pending.length) event.preventDefault(); });

filters.elements.size.value = localStorage.getItem("genart-tile") || 128;
applySize();
sayName();
index();
for (const place of Object.keys(localStorage).filter((name_) => name_.startsWith(STORED)).sort()) {
  pending.push({ ...JSON.parse(localStorage.getItem(place)), place }); // left from a page that was closed too soon
}
const first = JSON.parse($("state").textContent);
for (const [key, state] of Object.entries(first.slots)) server.set(key, state);
problems = first.problems;
$("problems").textContent = problems.join("\n");
$("problems").hidden = !problems.length;
repaint();
showConnection("");
send();
setTimeout(() => { if (outdated(first.slots)) layTiles().catch(() => {}); });
setTimeout(poll, POLL_MS);
})();
