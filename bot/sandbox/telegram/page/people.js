// Who one is, and which chat one looks at.

import { excerpt, hue, initials, nameOf } from "./bubble.js";
import { byId, dayKey, dayOf, h, icon, timeOf } from "./dom.js";

const badge = (count) => (count ? h("span", { class: "badge", "aria-label": `${count} unread` }, count > 99 ? "99+" : String(count)) : null);

export const avatar = (id, name) => h("span", { class: `avatar ${hue(id)}`, "aria-hidden": "true" }, initials(name));

function languageOf({ language_code: code }) {
  try {
    return code && new Intl.DisplayNames([code], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

function tab(store, person, select) {
  const chosen = person.id === store.me;
  const role = [person.admin && "admin", languageOf(person)].filter(Boolean).join(", ");
  const attributes = {
    type: "button",
    role: "tab",
    id: `person-${person.id}`,
    class: "person",
    "aria-label": `${nameOf(person)}, ${role}`,
    "aria-selected": String(chosen),
    "aria-controls": "phone",
    tabindex: chosen ? "0" : "-1",
    onclick: () => select(person.id),
  };
  const words = h("span", { class: "person-words" }, h("bdi", {}, nameOf(person)), h("small", {}, role));
  return h("button", attributes, avatar(person.id, nameOf(person)), words, badge(store.unreadOf(person.id)));
}

// Arrow keys walk the tabs, as everywhere.
function walk(event, store, select) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = store.people.findIndex((one) => one.id === store.me);
  const next = store.people[(at + step + store.people.length) % store.people.length];
  select(next.id);
  byId(`person-${next.id}`).focus();
}

function chatRow(store, chat, open) {
  const current = chat.key === store.key;
  const { last } = chat;
  const when = last ? (dayKey(last.date) === dayKey(Date.now() / 1000) ? timeOf(last.date) : dayOf(last.date)) : "";
  const head = h("span", { class: "chat-head" }, h("bdi", {}, chat.title), h("time", {}, when));
  const line = h("small", { dir: "auto" }, last ? excerpt(last) : chat.blocked ? "Blocked" : "No messages yet");
  const alone = chat.chat.type === "private";
  const look = `avatar ${alone ? "bot" : hue(chat.chat.id)}`;
  const face = h("span", { class: look, "aria-hidden": "true" }, alone ? null : icon("group"));
  const attributes = { type: "button", class: "chat", "aria-current": current ? "true" : null, "data-key": chat.key, onclick: () => open(chat.key) };
  return h("button", attributes, face, h("span", { class: "chat-words" }, head, line), badge(store.unreadOf(store.me, chat.key)));
}

/** Draws tabs and chats; the focus stays with what it was on. */
export function drawPeople(store, select, open) {
  const focused = document.activeElement;
  const keep = focused?.id.startsWith("person-") ? `#${focused.id}` : focused?.dataset.key ? `[data-key="${focused.dataset.key}"]` : null;
  const tabs = byId("people");
  tabs.replaceChildren(...store.people.map((person) => tab(store, person, select)));
  tabs.onkeydown = (event) => walk(event, store, select);
  const chats = store.chats.get(store.me) ?? [];
  byId("chats").replaceChildren(...chats.map((chat) => chatRow(store, chat, open)));
  byId("side").classList.toggle("one-chat", chats.length < 2);
  if (keep) document.querySelector(keep)?.focus();
  const all = store.people.reduce((sum, person) => sum + store.unreadOf(person.id), 0);
  document.title = all ? `(${all}) Changedesk` : "Changedesk";
}
