// The list of messages on the screen: the newest few, older ones on scrolling up.

import { bubble } from "./bubble.js";
import { byId, dayKey, dayOf, h, icon } from "./dom.js";

const SHOWN = 60;
const NEAR_PX = 80;

export class LogView {
  #store;
  #desk;
  #box = byId("log");
  #toEnd = byId("to-end");
  #nodes = new Map(); // message id or day -> {node, mark}
  #limit = SHOWN;
  #key = null;
  #stick = true;
  #below = 0;
  #loading = false;

  /** `desk` is what bubble.js asks for; `welcome()` gives the card of an empty chat. */
  constructor(store, desk, welcome) {
    this.#store = store;
    this.#desk = desk;
    this.welcome = welcome;
    this.#box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#box.addEventListener("load", () => this.#stick && this.toEnd(), { capture: true });
    new ResizeObserver(() => this.#stick && this.toEnd()).observe(this.#box);
    this.#toEnd.addEventListener("click", () => {
      this.#limit = SHOWN;
      this.draw();
      this.toEnd();
    });
  }

  toEnd() {
    this.#stick = true;
    this.#below = 0;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#drawToEnd();
  }

  #drawToEnd() {
    this.#toEnd.hidden = this.#stick;
    this.#toEnd.replaceChildren(icon("down"), this.#below ? h("b", {}, String(this.#below)) : "");
  }

  /** Brings the elements in line with the store, touching only what changed: focus and scroll stay. */
  draw() {
    if (this.#key !== this.#view()) this.#reset();
    const all = this.#store.messages();
    if (this.#stick) this.#limit = SHOWN;
    const height = this.#box.scrollHeight;
    const top = this.#box.scrollTop;
    const wasLast = this.#box.querySelector("article:last-of-type")?.dataset.id;
    this.#box.setAttribute("aria-busy", String(!this.#store.log().loaded));
    this.#place(all.length || !this.#store.log().loaded ? this.#wanted(all.slice(-this.#limit)) : [this.welcome()]);
    if (this.#stick) this.toEnd();
    else this.#keepPlace(height, top, wasLast, all);
  }

  // The same group looks otherwise to each of its members.
  #view() {
    return `${this.#store.me}/${this.#store.key}`;
  }

  #reset() {
    this.#key = this.#view();
    this.#nodes.clear();
    this.#box.replaceChildren();
    this.#stick = true;
    this.#limit = SHOWN;
  }

  #keepPlace(height, top, wasLast, all) {
    const grewAbove = this.#loading;
    if (grewAbove) this.#box.scrollTop = top + (this.#box.scrollHeight - height);
    const at = all.findIndex((one) => String(one.message_id) === wasLast);
    if (at >= 0 && !grewAbove) this.#below += all.length - 1 - at;
    this.#drawToEnd();
  }

  #wanted(messages) {
    const nodes = [];
    const kept = new Map();
    let day = null;
    let sender = null;
    const use = (id, mark, make) => {
      const old = this.#nodes.get(id);
      const entry = old?.mark === mark ? old : { mark, node: make(), old: old?.node };
      kept.set(id, entry);
      nodes.push(entry.node);
      if (entry.old) this.#swap(entry);
    };
    for (const message of messages) {
      const today = dayKey(message.date);
      if (today !== day) use(today, dayOf(message.date), () => h("div", { class: "day" }, h("span", {}, dayOf(message.date))));
      const first = today !== day || sender !== message.from?.id;
      use(message.message_id, this.#mark(message, first), () => bubble(message, this.#desk, first));
      day = today;
      sender = message.from?.id;
    }
    this.#nodes = kept;
    return nodes;
  }

  #mark(message, first) {
    const rows = message.reply_markup?.inline_keyboard ?? [];
    const busy = rows.flatMap((row, r) => row.map((_, c) => (this.#desk.pressed(message, [r, c]) ? 1 : 0))).join("");
    const reached = message.from?.id === this.#desk.me && this.#desk.reached >= message.message_id;
    const { n, patched } = message.desk ?? {};
    return [n, patched, message.edit_date, first, busy, reached, message.waiting, message.failed].join("/");
  }

  // A changed message takes its old element's place at once, and hands the focus on to the same button.
  #swap(entry) {
    const focused = entry.old.contains(document.activeElement) ? document.activeElement : null;
    entry.old.replaceWith(entry.node);
    entry.old = undefined;
    if (!focused) return;
    const twin = focused.dataset.at && entry.node.querySelector(`[data-at="${focused.dataset.at}"]`);
    (twin || byId("text")).focus({ preventScroll: true });
  }

  #place(nodes) {
    const wanted = new Set(nodes);
    for (const child of [...this.#box.childNodes]) if (!wanted.has(child)) child.remove();
    let cursor = this.#box.firstChild;
    for (const node of nodes) {
      if (node === cursor) cursor = cursor.nextSibling;
      else this.#box.insertBefore(node, cursor);
    }
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    this.#stick = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.#stick) this.#below = 0;
    this.#drawToEnd();
    if (scrollTop < 160 && scrollHeight > clientHeight) this.#older();
  }

  async #older() {
    const have = this.#store.messages().length;
    if (this.#loading || (have <= this.#limit && !this.#store.log().more)) return;
    this.#loading = true;
    try {
      if (have <= this.#limit) await this.#store.loadOlder();
      this.#limit += SHOWN;
      this.#stick = false;
      this.draw();
    } finally {
      this.#loading = false;
    }
  }

  /** Scrolls to a message and lets it glow; false if it is not on the screen's list. */
  jump(id) {
    const node = this.#nodes.get(id)?.node;
    if (!node) return false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("glow");
    requestAnimationFrame(() => node.classList.add("glow"));
    return true;
  }
}
