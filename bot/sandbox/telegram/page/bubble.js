// One message as an element.

import { fileUrl } from "./api.js";
import { copy, h, icon, sizeOf, timeOf } from "./dom.js";
import { richText, safeUrl } from "./entities.js";

export const nameOf = (who) => [who?.first_name ?? who?.title, who?.last_name].filter(Boolean).join(" ") || "Someone";

export const initials = (name) => [...name.trim()].slice(0, 1).join("").toUpperCase() || "?";

/** One of six colours, the same for the same id. */
export const hue = (id) => `hue-${Math.abs(Number(id)) % 6}`;

const SERVICE = {
  group_chat_created: () => "The group was made",
  supergroup_chat_created: () => "The group was made",
  new_chat_members: (message) => `${message.new_chat_members.map(nameOf).join(", ")} joined`,
  left_chat_member: (message) => `${nameOf(message.left_chat_member)} left`,
  new_chat_title: (message) => `The group is now called “${message.new_chat_title}”`,
  migrate_to_chat_id: () => "The group became a supergroup",
  migrate_from_chat_id: () => "The group became a supergroup",
  pinned_message: () => "A message was pinned",
};

const OTHERS = ["sticker", "animation", "video", "voice", "audio", "video_note", "location", "contact", "poll", "dice"];

/** A line that stands for a message in lists and quotes. */
export function excerpt(message) {
  if (!message) return "";
  const text = message.text ?? message.caption;
  if (text) return text.replace(/\s+/g, " ").slice(0, 120);
  if (message.photo) return "Picture";
  if (message.document) return message.document.file_name ?? "Document";
  const kind = Object.keys(SERVICE).find((name) => name in message);
  return kind ? SERVICE[kind](message) : (OTHERS.find((name) => name in message) ?? "Message").replace("_", " ");
}

function picture(message, onView) {
  const best = message.photo.reduce((a, b) => (a.width * a.height >= b.width * b.height ? a : b));
  const source = fileUrl(best.file_id);
  const alt = message.caption ? `Picture: ${excerpt(message)}` : "Picture";
  const image = h("img", { src: source, width: best.width, height: best.height, alt, decoding: "async" });
  const attributes = { type: "button", class: "picture", "aria-label": `Enlarge. ${alt}`, onclick: () => onView(source, alt) };
  return h("button", attributes, image);
}

function documentChip(file) {
  const name = file.file_name ?? "file";
  const size = file.file_size === undefined ? "" : sizeOf(file.file_size);
  const words = h("span", { class: "file-words" }, h("bdi", { class: "file-name" }, name), h("small", {}, size));
  const label = `Download ${name}, ${size}`;
  const link = { class: "file", href: fileUrl(file.file_id), download: name, "aria-label": label };
  return h("a", link, h("span", { class: "file-icon" }, icon("file")), words);
}

function quote(message, onJump) {
  const to = message.reply_to_message;
  if (!to) return null;
  const jump = () => onJump(to.message_id);
  return h("button", { type: "button", class: "quote", onclick: jump }, h("b", {}, nameOf(to.from)), h("span", {}, excerpt(to)));
}

function keyboard(message, desk) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  const row = (buttons, r) => h("div", { class: "row" }, buttons.map((one, c) => key(message, one, [r, c], desk)));
  return h("div", { class: "keyboard", role: "group", "aria-label": "Buttons of this message" }, rows.map(row));
}

function key(message, button, at, desk) {
  const place = { "data-at": at.join(), title: button.text };
  if (button.url) {
    const href = safeUrl(button.url);
    const link = { ...place, class: "key", href, target: "_blank", rel: "noopener noreferrer", "data-link": button.url };
    return h("a", href ? link : { ...place, class: "key", role: "link", "aria-disabled": "true" }, h("bdi", {}, button.text), icon("link"));
  }
  if (button.copy_text) {
    const act = () => copy(button.copy_text.text);
    return h("button", { ...place, type: "button", class: "key", onclick: act }, h("bdi", {}, button.text), icon("copy"));
  }
  const busy = desk.pressed(message, at) ? "true" : null;
  const act = () => desk.onPress(message, at, button);
  return h("button", { ...place, type: "button", class: "key", "aria-busy": busy, "aria-disabled": busy, onclick: act }, h("bdi", {}, button.text));
}

function ticks(message, desk) {
  if (message.from?.id !== desk.me) return null;
  const [name, label] = message.failed
    ? ["fail", "Not sent"]
    : message.waiting
      ? ["clock", "Sending"]
      : desk.reached >= message.message_id
        ? ["ticks", "Taken by the bot"]
        : ["tick", "Sent"];
  return h("span", { class: `ticks ${name}`, role: "img", "aria-label": label, title: label }, icon(name));
}

function meta(message, desk) {
  const edited = message.edit_date ? h("span", { class: "edited" }, "edited") : null;
  const via = message.via_bot ? h("span", {}, `via @${message.via_bot.username}`) : null;
  const moment = h("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date));
  return h("span", { class: "meta" }, message.desk?.pinned ? h("span", {}, "pinned") : null, via, edited, moment, ticks(message, desk));
}

function body(message, desk) {
  const text = message.text ?? message.caption;
  const entities = message.text === undefined ? message.caption_entities : message.entities;
  const other = OTHERS.find((name) => name in message);
  return [
    quote(message, desk.onJump),
    message.photo ? picture(message, desk.onView) : null,
    message.document ? documentChip(message.document) : null,
    text ? h("div", { class: "words", dir: "auto", lang: desk.lang }, richText(text, entities), meta(message, desk)) : null,
    !text && other ? h("div", { class: "words muted" }, `(${other.replace("_", " ")})`) : null,
    text ? null : meta(message, desk),
  ];
}

// Out of the tab order, or every message would cost a key press: Ctrl+Up in the field does the same.
function replyButton(message, who, desk) {
  const attributes = { type: "button", class: "answer", tabindex: "-1", "aria-label": `Reply to ${who}`, title: "Reply" };
  return h("button", { ...attributes, onclick: () => desk.onReply(message) }, icon("reply"));
}

/** `desk` gives what the message cannot know: who looks, what is pressed, and what to do on a tap. */
export function bubble(message, desk, first) {
  const kind = Object.keys(SERVICE).find((name) => name in message);
  if (kind) return h("div", { class: "service" }, SERVICE[kind](message));
  const mine = message.from?.id === desk.me;
  const who = nameOf(message.from ?? message.sender_chat);
  const name = first && desk.group && !mine ? h("div", { class: `sender ${hue(message.from?.id)}` }, h("bdi", {}, who)) : null;
  const reactions = message.desk?.reactions?.length ? h("span", { class: "reactions" }, message.desk.reactions.join(" ")) : null;
  const answer = message.waiting || message.failed ? null : replyButton(message, who, desk);
  const again = message.failed ? h("button", { type: "button", class: "again", onclick: () => desk.onAgain(message) }, "Not sent. Try again") : null;
  const shape = message.photo ? "with-picture" : "";
  const box = h("div", { class: `bubble ${shape}` }, name, body(message, desk), reactions);
  const label = `${mine ? "You" : who}, ${timeOf(message.date)}`;
  const attributes = { class: `message ${mine ? "mine" : "theirs"} ${first ? "first" : ""}`, "data-id": message.message_id, "aria-label": label };
  return h("article", attributes, h("div", { class: "stack" }, box, again, keyboard(message, desk)), answer);
}
