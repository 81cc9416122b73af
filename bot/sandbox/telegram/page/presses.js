// Buttons that were pressed, from the press to the bot's answer.

import { post } from "./api.js";
import { alertBox, toast } from "./dom.js";

const PATIENCE_MS = 20000;

// In a group with several bots a button belongs to the one that wrote the message.
const botOf = (message) => message.via_bot?.id ?? (message.from?.is_bot ? message.from.id : undefined);

export class Presses {
  #waiting = new Map(); // place -> {query, timer}
  #early = new Map(); // query id -> answer that overtook the reply to the press
  #changed;
  #open;

  /** `changed()` redraws the buttons; `open(url)` follows an answer's address. */
  constructor(changed, open) {
    this.#changed = changed;
    this.#open = open;
  }

  #place = (where, message, at) => [where.person, where.chat, where.bot, message.message_id, at].join();

  pressed(where, message, at) {
    return this.#waiting.has(this.#place(where, message, at));
  }

  /** Sends the data that was seen, as Telegram does: the message may have changed under the finger. */
  async press(where, message, at, data) {
    const place = this.#place(where, message, at);
    if (this.#waiting.has(place)) return;
    const entry = { query: null, timer: setTimeout(() => this.#give(place), PATIENCE_MS) };
    this.#waiting.set(place, entry);
    this.#changed();
    try {
      const { query_id: query } = await post("press", { ...where, bot: where.bot ?? botOf(message), message_id: message.message_id, data });
      entry.query = query;
      const early = this.#early.get(query);
      if (early) this.answered(early);
    } catch (error) {
      this.#drop(place);
      toast(error.message);
    }
  }

  #drop(place) {
    clearTimeout(this.#waiting.get(place)?.timer);
    this.#waiting.delete(place);
    this.#changed();
  }

  #give(place) {
    this.#drop(place);
    toast("The bot has not answered this button.");
  }

  /** An `answer` event; those of other windows are not ours to show. */
  answered(event) {
    const place = [...this.#waiting].find(([, entry]) => entry.query === event.query_id)?.[0];
    if (place === undefined) {
      if (this.#waiting.size) this.#early.set(event.query_id, event);
      return;
    }
    this.#early.delete(event.query_id);
    this.#drop(place);
    if (event.url) this.#open(event.url);
    else if (event.text && event.show_alert) alertBox(event.text);
    else if (event.text) toast(event.text);
  }
}
