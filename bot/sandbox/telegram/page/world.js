// The world panel: whatever switches the worlds declare, drawn by their kind.

import { get, post } from "./api.js";
import { byId, h, toast } from "./dom.js";

let closed = new Set();

async function turn(world, id, value) {
  try {
    draw(await post("world", { world, id, value }));
    return true;
  } catch (error) {
    toast(error.message);
    await loadWorld();
    return false;
  }
}

const choiceOf = (option) => (Array.isArray(option) ? { value: option[0], label: option[1] } : typeof option === "object" ? option : { value: option, label: String(option) });

const KINDS = {
  toggle(world, one, id) {
    const act = () => turn(world, one.id, !one.value);
    return h("button", { type: "button", id, class: "switch", role: "switch", "aria-checked": String(Boolean(one.value)), "aria-labelledby": `${id}-label`, onclick: act });
  },
  choice(world, one, id) {
    const options = (one.options ?? []).map(choiceOf);
    const act = (event) => turn(world, one.id, options[event.target.selectedIndex].value);
    const option = ({ value, label }) => h("option", { selected: value === one.value }, label);
    return h("select", { id, onchange: act }, options.map(option));
  },
  number(world, one, id) {
    const limits = Array.isArray(one.options) ? { min: one.options[0], max: one.options[1], step: one.options[2] } : (one.options ?? {});
    // The value goes as it was typed where the world holds text: money is never a float.
    const act = (event) => turn(world, one.id, typeof one.value === "string" ? event.target.value : event.target.valueAsNumber);
    return h("input", { id, type: "number", value: one.value, min: limits.min, max: limits.max, step: limits.step ?? "any", onchange: act });
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
  return h("details", { open: !closed.has(world.name), ontoggle: note }, h("summary", {}, world.name), h("div", { class: "settings" }, rows));
}

function draw(worlds) {
  const focused = document.activeElement?.id;
  const shown = worlds.filter((world) => world.switches.length);
  const empty = h("p", { class: "hint" }, "This world has no switches.");
  byId("switches").replaceChildren(...(shown.length ? shown.map(group) : [empty]));
  if (focused?.startsWith("switch-")) byId(focused)?.focus();
}

export async function loadWorld() {
  draw(await get("world"));
}
