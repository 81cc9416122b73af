// The chat page: puts store, stream and views together.

import { follow, post, Refusal } from "./api.js";
import { hue } from "./bubble.js";
import { Composer } from "./composer.js";
import { byId, h, icon, toast } from "./dom.js";
import { LogView } from "./log.js";
import { drawPeople } from "./people.js";
import { Presses } from "./presses.js";
import { keyOf, Store } from "./store.js";
import { drawWorlds, loadFaults, loadWorld } from "./world.js";

const TYPING_MS = 5500;
const DOING = { typing: "is typing", upload_photo: "is sending a photo", upload_document: "is sending a file" };

const store = new Store();
const presses = new Presses(() => drawLog(), openLink);
const composer = new Composer(store, (sent) => {
  if (sent) log.toEnd();
  drawLog();
  drawPeople(store, select, open);
});
const typing = new Map(); // chat key -> {action, timer}

const desk = {
  get me() { return store.me; },
  get group() { return store.chat?.chat.type !== "private"; },
  get reached() { return store.log().reached; },
  get lang() { return store.person?.language_code?.startsWith("zh") ? "zh-Hans" : undefined; },
  pressed: (message, at) => presses.pressed(store.where, message, at),
  onPress: press,
  onReply: (message) => composer.reply(message),
  onAgain: (message) => composer.say(message.text, message),
  onJump: (id) => log.jump(id) || toast("That message is further up."),
  onView: view,
};
const log = new LogView(store, desk, welcome);

function press(message, at, button) {
  if (button.callback_data !== undefined) return presses.press(store.where, message, at, button.callback_data);
  const query = button.switch_inline_query_current_chat ?? button.switch_inline_query;
  if (query !== undefined) return composer.suggest.fill(`@${bot()?.username} ${query}`);
  return toast("This kind of button does nothing here.");
}

const bot = () => store.bots.find((one) => one.id === store.chat?.bot) ?? store.bots[0];

function view(source, alt) {
  const image = byId("viewer-image");
  image.src = source;
  image.alt = alt;
  byId("viewer").showModal();
}

/** A link to one of our bots stays here; anything else opens beside. */
function openLink(address) {
  if (!openDoor(address)) window.open(address, "_blank", "noopener");
}

function openDoor(address) {
  const door = address.match(/^(?:https?:\/\/)?t(?:elegram)?\.me\/(\w+)(?:\?start=([\w-]*))?$/i);
  const target = door && store.bots.find((one) => one.username?.toLowerCase() === door[1].toLowerCase());
  if (!target) return false;
  open(keyOf(store.me, target.id)).then(() => door[2] !== undefined && composer.say(`/start ${door[2]}`.trim()));
  return true;
}

function welcome() {
  const name = bot()?.first_name;
  const chip = (text) => h("button", { type: "button", class: "chip", onclick: () => composer.say(text) }, text);
  const words = name
    ? [h("h3", {}, `Say hello to ${name}`), h("p", {}, "Ask for a price, a chart, a swap. Nothing here costs anything.")]
    : [h("h3", {}, "No bot yet"), h("p", {}, "It appears here as soon as one connects.")];
  const chips = name ? h("div", { class: "chips" }, ["/start", "/price btc", "/chart btc"].map(chip)) : null;
  return h("section", { class: "welcome" }, h("img", { src: "mark.svg", alt: "", width: "56", height: "56" }), words, chips);
}

function drawLog() {
  if (store.key) log.draw();
}

function drawHead() {
  const { chat } = store;
  byId("head-title").textContent = chat?.title ?? "Changedesk";
  const face = byId("head-avatar");
  const group = chat && chat.chat.type !== "private";
  face.className = group ? `avatar ${hue(chat.chat.id)}` : "avatar bot";
  face.replaceChildren(group ? icon("group") : "");
  drawState();
  const blocked = Boolean(chat?.blocked);
  const block = byId("block");
  block.hidden = !chat || group || blocked;
  byId("composer").hidden = blocked || !chat;
  byId("unblock").hidden = !blocked;
}

function drawState() {
  const doing = typing.get(store.key);
  const line = byId("head-state");
  const members = store.chat?.chat.type === "private" ? "bot" : "group";
  const words = doing ? [h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), DOING[doing.action] ?? "is busy"] : [members];
  line.classList.toggle("doing", Boolean(doing));
  line.replaceChildren(...words);
}

function stopTyping(key) {
  clearTimeout(typing.get(key)?.timer);
  if (typing.delete(key)) drawState();
}

function startTyping(key, action) {
  clearTimeout(typing.get(key)?.timer);
  typing.set(key, { action, timer: setTimeout(() => stopTyping(key), TYPING_MS) });
  store.reach(key);
  drawState();
}

function select(person) {
  store.me = person;
  const chats = store.chats.get(person) ?? [];
  return open(chats.some((one) => one.key === store.key) ? store.key : chats[0]?.key);
}

async function open(key) {
  store.key = key ?? null;
  await showChat();
}

async function showChat() {
  composer.moved();
  store.markRead();
  drawHead();
  drawPeople(store, select, open);
  if (!store.chat) return byId("log").replaceChildren(welcome());
  composer.suggest.menu();
  drawLog();
  const { key } = store;
  await store.load().catch((error) => toast(error.message));
  if (key === store.key) drawLog();
}

async function resync() {
  composer.suggest.forgetMenus();
  await Promise.all([store.refresh(), loadWorld()]);
  if (!store.person) store.me = store.people[0]?.id ?? null;
  const chats = store.chats.get(store.me) ?? [];
  if (!store.chat) store.key = chats[0]?.key ?? null;
  await showChat();
}

async function reloadChats() {
  await store.refreshChats();
  if (!store.chat) return resync();
  drawHead();
  return drawPeople(store, select, open);
}

const keyOfEvent = (event) => keyOf(event.chat, event.chat > 0 ? event.bot : null);

const EVENTS = {
  hello: resync,
  lagged: resync,
  chats: reloadChats,
  world: (event) => drawWorlds(event.world),
  faults: loadFaults,
  menu: () => composer.suggest.forgetMenus(),
  answer: (event) => presses.answered(event),
  typing: (event) => startTyping(keyOfEvent(event), event.action),
  message({ message }) {
    store.take(message);
    if (message.from?.is_bot) stopTyping(keyOf(message.chat.id, message.chat.type === "private" ? message.desk.bot : null));
    if (document.visibilityState === "visible") store.markRead();
    drawLog();
    drawPeople(store, select, open);
  },
  edited({ message }) {
    store.change(message);
    drawLog();
  },
  deleted(event) {
    store.remove(keyOfEvent(event), event.message_ids);
    drawLog();
  },
  reaction(event) {
    store.patch(keyOfEvent(event), event.message_id, { reactions: event.reactions });
    drawLog();
  },
  pinned(event) {
    store.patch(keyOfEvent(event), event.message_id, { pinned: event.pinned });
    drawLog();
  },
  blocked: reloadChats,
};

async function setBlocked(blocked) {
  try {
    await post("block", { ...store.where, chat: undefined, blocked });
    await reloadChats();
  } catch (error) {
    toast(error.message);
  }
}

function drawTheme() {
  const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const label = dark === "dark" ? "Light colours" : "Dark colours";
  const button = byId("theme");
  button.replaceChildren(icon(dark === "dark" ? "sun" : "moon"), h("span", {}, label));
  button.setAttribute("aria-label", label);
  return dark;
}

function switchTheme() {
  const next = drawTheme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem("changedesk.theme", next);
  } catch {
    // Not remembered then.
  }
  drawTheme();
}

function showWorld(shown) {
  document.body.classList.toggle("world-shown", shown);
  byId("world-open").setAttribute("aria-expanded", String(shown));
  (shown ? byId("world-close") : byId("world-open")).focus();
}

function wire() {
  byId("theme").addEventListener("click", switchTheme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawTheme);
  byId("world-open").append(icon("world"), h("span", {}, "World"));
  byId("world-open").addEventListener("click", () => showWorld(!document.body.classList.contains("world-shown")));
  byId("world-close").append(icon("close"));
  byId("world-close").addEventListener("click", () => showWorld(false));
  byId("world").addEventListener("keydown", (event) => event.key === "Escape" && document.body.classList.contains("world-shown") && showWorld(false));
  byId("viewer-close").append(icon("close"));
  byId("viewer").addEventListener("click", (event) => event.target === event.currentTarget && event.currentTarget.close());
  byId("block").append(icon("block"));
  for (const [name, value] of [["aria-label", "Block the bot"], ["title", "Block the bot"]]) byId("block").setAttribute(name, value);
  byId("block").addEventListener("click", () => setBlocked(true));
  byId("unblock").addEventListener("click", () => setBlocked(false));
  byId("log").addEventListener("click", (event) => {
    const target = event.target.closest("[data-command], [data-link]");
    if (target?.dataset.command) composer.say(target.dataset.command);
    else if (target?.dataset.link && openDoor(target.dataset.link)) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && store.me) showChat();
  });
}

wire();
drawTheme();
/** A refusal is told; a mistake of ours also stands in the console. */
async function onEvent(event) {
  try {
    await EVENTS[event.kind]?.(event);
  } catch (error) {
    toast(error.message);
    if (!(error instanceof Refusal)) console.error(error);
  }
}

follow(
  onEvent,
  (connected) => {
    byId("banner").hidden = connected;
  },
);
