// The message field: saying, answering, attaching, and what was said before.

import { post } from "./api.js";
import { excerpt, nameOf } from "./bubble.js";
import { byId, h, icon, toast } from "./dom.js";
import { Suggest } from "./suggest.js";

const KEPT = 50;

export class Composer {
  #store;
  #changed;
  #text = byId("text");
  #said = new Map(); // person -> texts, oldest first
  #back = 0;
  #replyTo = null;
  #drafts = new Map();
  #key = null;
  #serial = 0;

  /** `changed(sent)` redraws the messages. */
  constructor(store, changed) {
    this.#store = store;
    this.#changed = changed;
    this.suggest = new Suggest(store, (text) => this.say(text), () => this.#clear());
    byId("composer").addEventListener("submit", (event) => this.#submit(event));
    this.#text.addEventListener("keydown", (event) => this.#keydown(event));
    this.#text.addEventListener("input", () => this.#typed());
    this.#text.addEventListener("blur", () => this.suggest.close());
    this.#wireButtons();
  }

  #wireButtons() {
    const menu = byId("menu");
    menu.append(icon("slash"));
    // Pressing the button would close the list by blur before the click could toggle it.
    menu.addEventListener("mousedown", (event) => event.preventDefault());
    menu.addEventListener("click", () => {
      if (this.suggest.open) return this.suggest.close();
      this.#text.focus();
      return this.suggest.showCommands("");
    });
    byId("send").append(icon("send"));
    byId("attach").append(icon("attach"));
    byId("attach").addEventListener("click", () => byId("file").click());
    byId("file").addEventListener("change", (event) => this.#upload(event.target));
  }

  /** The open chat changed: its draft comes back. */
  moved() {
    const key = `${this.#store.me}/${this.#store.key}`;
    if (key === this.#key) return;
    if (this.#key !== null) this.#drafts.set(this.#key, this.#text.value);
    this.#key = key;
    this.#text.disabled = false; // before there is a chat, what is said would go nowhere
    this.#text.value = this.#drafts.get(this.#key) ?? "";
    this.#back = 0;
    this.reply(null);
    this.suggest.close();
    this.#fit();
  }

  #clear() {
    this.#text.value = "";
    this.#back = 0;
    this.suggest.close();
    this.#fit();
  }

  #typed() {
    this.#back = 0;
    this.#fit();
    this.suggest.look();
  }

  #fit() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    byId("composer").classList.toggle("empty", !this.#text.value.trim());
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    if (!text || !this.#store.chat) return;
    this.#clear();
    this.say(text);
  }

  #keydown(event) {
    if (event.isComposing || this.suggest.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) this.#submit(event);
    else if (event.key === "Escape") this.reply(null);
    else if (event.key === "ArrowUp" && event.ctrlKey) this.#replyBack(event);
    else if (event.key === "ArrowUp") this.#recall(event, 1);
    else if (event.key === "ArrowDown" && this.#back) this.#recall(event, -1);
  }

  // Up walks what was said, from the last on; only in an empty field or while already walking.
  #recall(event, step) {
    const said = this.#said.get(this.#store.me) ?? [];
    if ((this.#text.value && !this.#back) || !said.length) return;
    event.preventDefault();
    this.#back = Math.min(Math.max(this.#back + step, 0), said.length);
    this.#text.value = this.#back ? said[said.length - this.#back] : "";
    this.#fit();
  }

  #replyBack(event) {
    event.preventDefault();
    const earlier = this.#store.messages().filter((one) => !one.waiting && (!this.#replyTo || one.message_id < this.#replyTo.message_id));
    if (earlier.length) this.reply(earlier.at(-1));
  }

  reply(message) {
    this.#replyTo = message;
    const bar = byId("reply");
    bar.hidden = !message;
    if (!message) return bar.replaceChildren();
    const words = h("span", { class: "reply-words" }, h("b", {}, nameOf(message.from)), h("span", {}, excerpt(message)));
    const close = h("button", { type: "button", class: "round", "aria-label": "Do not reply", onclick: () => this.reply(null) }, icon("close"));
    bar.replaceChildren(icon("reply"), words, close);
    this.#text.focus();
  }

  /** Says `text` in the open chat; it stands there at once, and stays with a word if it cannot be sent. */
  async say(text, again = null) {
    const { me, where, person } = this.#store;
    const said = this.#said.get(me) ?? [];
    if (said.at(-1) !== text) this.#said.set(me, [...said, text].slice(-KEPT));
    const log = this.#store.log();
    const replyTo = again ? again.reply_to_message : this.#replyTo;
    const waiting = { message_id: `w${++this.#serial}`, from: person, date: Date.now() / 1000, text, waiting: true };
    if (replyTo) waiting.reply_to_message = replyTo;
    if (again) log.pending = log.pending.filter((one) => one !== again);
    log.pending.push(waiting);
    this.reply(null);
    this.#changed(true);
    try {
      const { message } = await post("say", { ...where, text, reply_to: replyTo?.message_id });
      this.#store.take(message);
    } catch (error) {
      const at = log.pending.indexOf(waiting);
      if (at >= 0) log.pending[at] = { ...waiting, waiting: false, failed: true };
      toast(error.message);
    }
    this.#changed(false);
  }

  async #upload(input) {
    const [file] = input.files;
    if (!file) return;
    const form = new FormData();
    const caption = this.#text.value.trim();
    const fields = { ...this.#store.where, kind: /^image\/(png|jpeg)$/.test(file.type) ? "photo" : "document", caption };
    for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== "") form.append(name, value);
    form.append("file", file);
    input.value = "";
    try {
      const { message } = await post("upload", form);
      this.#clear();
      this.#store.take(message);
      this.#changed(true);
    } catch (error) {
      toast(error.message);
    }
  }
}
