// Building nodes. Text of other people only ever enters the page as text nodes.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (`on…` are listeners, `hidden` and the like are properties) and children. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", new URL(`icons.svg#${name}`, import.meta.url).href);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

let toastTimer = 0;

/** A word over the screen that goes by itself. */
export function toast(text) {
  const place = byId("toast");
  place.replaceChildren(h("span", {}, text));
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.replaceChildren(), 4000);
}

/** A word that waits until it is read (Telegram's `show_alert`). */
export function alertBox(text) {
  byId("alert-text").textContent = text;
  byId("alert").showModal();
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  toast("Copied");
}

// The clipboard interface is absent on plain http away from loopback, and refused without permission.
function copyBySelection(text) {
  const before = document.activeElement;
  const area = h("textarea", { class: "offscreen", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  before?.focus();
}

/** Makes an element that is not a button work like one, by pointer and by keyboard. */
export function pressable(node, label, act) {
  node.tabIndex = 0;
  node.setAttribute("role", "button");
  node.setAttribute("aria-label", label);
  node.title = label.length < 40 ? label : "Copy";
  node.addEventListener("click", act);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
  return node;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** Seconds since 1970 as the reader's own wall clock. */
export const timeOf = (seconds) => clock.format(new Date(seconds * 1000));

export const dayKey = (seconds) => new Date(seconds * 1000).toDateString();

export function dayOf(seconds) {
  const day = dayKey(seconds);
  const now = Date.now();
  if (day === new Date(now).toDateString()) return "Today";
  if (day === new Date(now - 86400000).toDateString()) return "Yesterday";
  return date.format(new Date(seconds * 1000));
}

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1048576) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1048576).toFixed(1)} MB`;
}
