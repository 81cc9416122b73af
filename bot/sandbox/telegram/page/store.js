// What the page knows: people, their chats, messages by chat, what is unread. No nodes here.

import { get } from "./api.js";

export const PAGE = 50;
const MOST_PEOPLE = 12; // load tests bring thousands into the world

export const keyOf = (chat, bot) => `${chat}/${bot ?? ""}`;

// reached: the newest message id below which the bot has shown a sign of life.
const fresh = () => ({ messages: new Map(), gone: new Set(), pending: [], more: false, loaded: false, reached: 0 });

export class Store {
  people = [];
  bots = [];
  chats = new Map(); // person id -> [{key, chat, bot, title, last, blocked}]
  logs = new Map(); // chat key -> log
  unread = new Map(); // person id -> Map(chat key -> count)
  me = null;
  key = null;

  get person() {
    return this.people.find((one) => one.id === this.me);
  }

  get chat() {
    return this.chats.get(this.me)?.find((one) => one.key === this.key);
  }

  get where() {
    return { person: this.me, chat: this.chat?.chat.id, bot: this.chat?.bot ?? undefined };
  }

  log(key = this.key) {
    if (!this.logs.has(key)) this.logs.set(key, fresh());
    return this.logs.get(key);
  }

  /** Oldest first; what is not yet sent comes last. */
  messages(key = this.key) {
    const log = this.log(key);
    return [...[...log.messages.values()].sort((a, b) => a.message_id - b.message_id), ...log.pending];
  }

  /** Asks for people and chats again. Messages are forgotten: a gap in the stream may have hidden any change. */
  async refresh() {
    await this.refreshChats();
    const waiting = new Map([...this.logs].map(([key, log]) => [key, log.pending]));
    this.logs.clear();
    for (const [key, pending] of waiting) this.log(key).pending = pending;
  }

  async refreshChats() {
    const state = await get("state");
    const people = state.people.slice(0, MOST_PEOPLE);
    const lists = await Promise.all(people.map((person) => get("chats", { person: person.id })));
    this.people = people;
    this.bots = state.bots;
    people.forEach((person, index) => this.#setChats(person.id, lists[index]));
  }

  #setChats(person, list) {
    const before = new Map((this.chats.get(person) ?? []).map((one) => [one.key, one]));
    const now = list.map((one) => ({ ...one, key: keyOf(one.chat.id, one.bot) }));
    for (const one of now) {
      const old = before.get(one.key);
      const missed = old && one.last && one.last.message_id > (old.last?.message_id ?? 0);
      if (missed && one.last.from?.id !== person && !this.#watching(person, one.key)) this.#count(person, one.key);
    }
    this.chats.set(person, now);
  }

  #watching(person, key) {
    return person === this.me && key === this.key && document.visibilityState === "visible";
  }

  #count(person, key) {
    if (!this.unread.has(person)) this.unread.set(person, new Map());
    const counts = this.unread.get(person);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  unreadOf(person, key) {
    const counts = this.unread.get(person);
    if (!counts) return 0;
    return key ? (counts.get(key) ?? 0) : [...counts.values()].reduce((sum, one) => sum + one, 0);
  }

  markRead() {
    this.unread.get(this.me)?.delete(this.key);
  }

  /** The newest page of a chat, merged by change number with what the stream brought meanwhile. */
  async load(key = this.key) {
    const log = this.log(key);
    if (log.loaded || !this.chat) return;
    const page = await get("history", { ...this.where, limit: PAGE });
    this.#merge(log, page);
    log.loaded = true;
  }

  /** An older page; true if there was one. */
  async loadOlder() {
    const log = this.log();
    if (!log.more || !log.loaded) return false;
    const before = Math.min(...log.messages.keys());
    const page = await get("history", { ...this.where, before, limit: PAGE });
    this.#merge(log, page);
    return page.messages.length > 0;
  }

  #merge(log, page) {
    for (const message of page.messages) this.#put(log, message);
    log.more = page.more;
  }

  #put(log, message) {
    const old = log.messages.get(message.message_id);
    if (log.gone.has(message.message_id) || message.desk?.deleted) return false;
    if (old && (old.desk?.n ?? 0) > (message.desk?.n ?? 0)) return false;
    log.messages.set(message.message_id, message);
    if (message.from?.is_bot) log.reached = Math.max(log.reached, message.message_id);
    return !old;
  }

  /** A message from the stream, or one that a request gave back. */
  take(message) {
    const bot = message.chat.type === "private" ? message.desk?.bot : null;
    const key = keyOf(message.chat.id, bot);
    const log = this.log(key);
    const known = log.messages.has(message.message_id);
    this.#put(log, message);
    if (!known) this.#noteNew(key, message, log);
  }

  #noteNew(key, message, log) {
    // The stream may bring our own message before the request that sent it is answered.
    const twin = log.pending.findIndex((one) => one.from.id === message.from?.id && one.text === message.text);
    if (twin >= 0) log.pending.splice(twin, 1);
    for (const [person, chats] of this.chats) {
      const chat = chats.find((one) => one.key === key);
      if (!chat) continue;
      chat.last = message;
      if (message.from?.id !== person && !this.#watching(person, key)) this.#count(person, key);
    }
  }

  change(message) {
    const bot = message.chat.type === "private" ? message.desk?.bot : null;
    const log = this.log(keyOf(message.chat.id, bot));
    if (log.messages.has(message.message_id)) this.#put(log, message);
  }

  remove(key, ids) {
    const log = this.log(key);
    for (const id of ids) {
      log.gone.add(id);
      log.messages.delete(id);
    }
  }

  /** The bot did something in this chat: whatever was said before has arrived. */
  reach(key) {
    const log = this.log(key);
    log.reached = Math.max(log.reached, ...log.messages.keys());
  }

  patch(key, id, fields) {
    const log = this.log(key);
    const message = log.messages.get(id);
    if (message) log.messages.set(id, { ...message, desk: { ...message.desk, ...fields, patched: Math.random() } });
  }
}
