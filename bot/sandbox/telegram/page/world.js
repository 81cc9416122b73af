// The world panel: whatever switches the worlds declare, drawn by their kind.

import { get, post } from "./api.js";
import { byId, h, toast } from "./dom.js";

/** A name its owner writes with a capital inside; the others get their first one from the style. */
const SPELT = { coincodex: "CoinCodex" };
const TELEGRAM = "Telegram";
const FAULT = {
  down: (value) => ({ down: value }),
  next: (kind) => ({ kind }),
  clear: () => ({ clear: true }),
};

const closed = new Set();
let worlds = [];
let faults = null;

async function turn(world, id, value) {
  try {
    if (world === TELEGRAM) drawFaults(await post("faults", FAULT[id](value)));
    else drawWorlds(await post("world", { world, id, value }));
    return true;
  } catch (error) {
    toast(error.message);
    await loadWorld();
    return false;
  }
}

const choiceOf = (option) => (typeof option === "object" ? option : { value: option, label: String(option) });

const KINDS = {
  toggle(world, one, id) {
    const act = () => turn(world, one.id, !one.value);
    const state = { role: "switch", "aria-checked": String(Boolean(one.value)), "aria-labelledby": `${id}-label` };
    return h("button", { type: "button", id, class: "switch", ...state, onclick: act });
  },
  choice(world, one, id) {
    const options = (one.options ?? []).map(choiceOf);
    const act = (event) => options[event.target.selectedIndex].value !== one.value && turn(world, one.id, options[event.target.selectedIndex].value);
    const option = ({ value, label }) => h("option", { selected: value === one.value }, label);
    return h("select", { id, onchange: act }, options.map(option));
  },
  number(world, one, id) {
    // The value goes as it was typed: money is never a float.
    const act = (event) => event.target.value && turn(world, one.id, event.target.value);
    return h("input", { id, type: "number", value: one.value, step: "any", onchange: act });
  },
  text(world, one, id) {
    return h("input", { id, type: "text", value: one.value, readonly: true, onfocus: (event) => event.target.select() });
  },
  action(world, one, id) {
    const act = async () => {
      if (await turn(world, one.id, one.value ?? null)) toast(`${one.label}: done`);
    };
    return h("button", { type: "button", id, class: "act", onclick: act }, one.label);
  },
};

function row(world, one) {
  const id = `switch-${world}-${one.id}`.replace(/[^\w-]/g, "_");
  const control = (KINDS[one.kind] ?? (() => h("span", {}, String(one.value ?? ""))))(world, one, id);
  const label = one.kind === "action" ? null : h("label", { for: id, id: `${id}-label` }, one.label);
  return h("div", { class: `setting ${one.kind}` }, label, control);
}

function group(world) {
  const note = (event) => (event.target.open ? closed.delete(world.name) : closed.add(world.name));
  const rows = world.switches.map((one) => row(world.name, one));
  return h("details", { open: !closed.has(world.name), ontoggle: note }, h("summary", {}, SPELT[world.name] ?? world.name), h("div", { class: "settings" }, rows));
}

/** Telegram's own faults, worded as the switches of a world. */
function telegram() {
  const kinds = faults.kinds.map(({ kind, label }) => ({ value: kind, label }));
  const waiting = faults.faults.length;
  const none = { value: "", label: waiting ? `${waiting} waiting` : "as it should" };
  const switches = [
    { id: "down", label: "Telegram is down", kind: "toggle", value: faults.down },
    { id: "next", label: "The bot's next call", kind: "choice", value: "", options: [none, ...kinds] },
  ];
  if (waiting) switches.push({ id: "clear", label: "Everything as it should", kind: "action" });
  return { name: TELEGRAM, switches };
}

function draw() {
  const before = document.activeElement;
  const shown = [...worlds, ...(faults ? [telegram()] : [])].filter((world) => world.switches.length);
  byId("switches").replaceChildren(...shown.map(group));
  const twin = before?.id.startsWith("switch-") && byId(before.id);
  if (!twin) return;
  // Somebody may be in the middle of typing a number while the world moves.
  if (twin.type === "number") twin.value = before.value;
  twin.focus();
}

export function drawWorlds(list) {
  worlds = list;
  draw();
}

function drawFaults(found) {
  faults = found;
  draw();
}

export async function loadFaults() {
  drawFaults(await get("faults"));
}

export async function loadWorld() {
  const [list, found] = await Promise.all([get("world"), get("faults")]);
  worlds = list;
  drawFaults(found);
}
