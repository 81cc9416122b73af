// What is offered over the message field: commands while typing "/", a bot's results while typing "@bot …".

import { get, post } from "./api.js";
import { byId, h } from "./dom.js";

const PAUSE_MS = 250;

export class Suggest {
  #store;
  #text = byId("text");
  #box = byId("popup");
  #items = []; // {node, take(), complete()}
  #at = 0;
  #menus = new Map(); // person and chat -> Promise of the menu
  #ask = 0; // the newest inline question; older answers are dropped
  #timer = 0;
  #send;

  /** `send(text)` says something in the open chat; `done()` clears the field. */
  constructor(store, send, done) {
    this.#store = store;
    this.#send = send;
    this.done = done;
  }

  get open() {
    return !this.#box.hidden;
  }

  menu() {
    const { where } = this.#store;
    const key = Object.values(where).join();
    if (!this.#menus.has(key)) this.#menus.set(key, get("menu", where).catch(() => ({ commands: [] })));
    return this.#menus.get(key);
  }

  forgetMenus() {
    this.#menus.clear();
  }

  close() {
    this.#ask++;
    clearTimeout(this.#timer);
    this.#items = [];
    this.#box.hidden = true;
    this.#box.replaceChildren();
    this.#text.removeAttribute("aria-activedescendant");
    byId("menu").setAttribute("aria-expanded", "false");
  }

  /** Looks at the field again after each keystroke. */
  async look() {
    const text = this.#text.value;
    const command = text.match(/^\/([\w@]*)$/);
    if (command) return this.showCommands(command[1].toLowerCase());
    const inline = text.match(/^@(\w+) ([^\n]*)$/);
    const bot = inline && this.#store.bots.find((one) => one.username?.toLowerCase() === inline[1].toLowerCase());
    if (bot) return this.#askInline(bot, inline[2]);
    return this.close();
  }

  async showCommands(prefix) {
    const ask = ++this.#ask;
    const { commands } = await this.menu();
    if (ask !== this.#ask) return;
    const found = commands.filter((one) => one.command.startsWith(prefix));
    // What is typed whole is what Enter sends, though a longer name begins so, too.
    found.sort((one, other) => (other.command === prefix) - (one.command === prefix));
    if (!found.length) return this.close();
    this.#show(found.map((one) => this.#command(one)), "Enter sends, Tab completes");
    byId("menu").setAttribute("aria-expanded", "true");
  }

  #command({ command, description }) {
    const group = this.#store.chat?.chat.type !== "private";
    const name = group ? `/${command}@${this.#store.bots[0]?.username}` : `/${command}`;
    return {
      node: h("div", { class: "option" }, h("b", {}, `/${command}`), h("span", { dir: "auto" }, description)),
      take: () => {
        this.done();
        this.#send(name);
      },
      complete: () => this.fill(`${name} `),
    };
  }

  fill(text) {
    this.#text.value = text;
    this.#text.focus();
    this.#text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #askInline(bot, query) {
    const ask = ++this.#ask;
    clearTimeout(this.#timer);
    this.#note(`Asking @${bot.username}…`);
    this.#timer = setTimeout(async () => {
      const where = { ...this.#store.where, bot: bot.id };
      try {
        const found = await post("inline", { ...where, query });
        if (ask === this.#ask) this.#showResults(where, found, bot);
      } catch (error) {
        if (ask === this.#ask) this.#note(error.message);
      }
    }, PAUSE_MS);
  }

  #showResults(where, found, bot) {
    const items = found.results.map((one) => this.#result(where, found.query_id, one));
    if (found.button?.start_parameter !== undefined) items.unshift(this.#doorway(found.button));
    if (items.length) this.#show(items, `@${bot.username}`);
    else this.#note("Nothing found");
  }

  #result(where, queryId, one) {
    const words = h("span", { class: "result" }, h("b", { dir: "auto" }, one.title ?? one.id), h("span", { dir: "auto" }, one.description ?? ""));
    const take = async () => {
      this.done();
      const given = await post("choose", { ...where, query_id: queryId, result_id: one.id }).catch((error) => ({ error }));
      if (given.error) this.#note(given.error.message);
    };
    return { node: h("div", { class: "option" }, words), take, complete: take };
  }

  #doorway(button) {
    const take = () => {
      this.done();
      this.#send(`/start ${button.start_parameter}`.trim());
    };
    return { node: h("div", { class: "option" }, h("b", {}, button.text)), take, complete: take };
  }

  #note(text) {
    this.#items = [];
    this.#box.replaceChildren(h("div", { class: "note", role: "option", "aria-disabled": "true" }, text));
    this.#box.hidden = false;
    this.#text.removeAttribute("aria-activedescendant");
  }

  #show(items, footer) {
    this.#items = items;
    items.forEach((item, index) => {
      item.node.id = `option-${index}`;
      item.node.setAttribute("role", "option");
      item.node.addEventListener("mousemove", () => this.#mark(index));
      // The field keeps the focus; a click must not take it.
      item.node.addEventListener("mousedown", (event) => event.preventDefault());
      item.node.addEventListener("click", () => item.take());
    });
    this.#box.replaceChildren(...items.map((item) => item.node), h("div", { class: "foot-note", "aria-hidden": "true" }, footer));
    this.#box.hidden = false;
    this.#mark(0);
  }

  #mark(index) {
    this.#at = (index + this.#items.length) % this.#items.length;
    this.#items.forEach((item, i) => item.node.setAttribute("aria-selected", String(i === this.#at)));
    this.#items[this.#at].node.scrollIntoView({ block: "nearest" });
    this.#text.setAttribute("aria-activedescendant", `option-${this.#at}`);
  }

  /** True if the key was for the list. */
  key(event) {
    if (!this.open) return false;
    if (event.key === "Escape") this.close();
    else if (!this.#items.length) return false;
    else if (event.key === "ArrowDown") this.#mark(this.#at + 1);
    else if (event.key === "ArrowUp") this.#mark(this.#at - 1);
    else if (event.key === "Enter" && !event.shiftKey) this.#items[this.#at].take();
    else if (event.key === "Tab" && !event.shiftKey) this.#items[this.#at].complete();
    else return false;
    event.preventDefault();
    return true;
  }
}
