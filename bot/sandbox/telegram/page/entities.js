// Telegram's text with entities as nodes. Offsets and lengths count UTF-16 units, as JavaScript's strings do.

import { copy, h, pressable } from "./dom.js";

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
  mention: "span",
  hashtag: "span",
  cashtag: "span",
  text_mention: "span",
};

/** The address if a browser may be sent there, or null: `javascript:` and its like never become a link. */
export function safeUrl(text) {
  for (const candidate of [text, `https://${text}`]) {
    try {
      const url = new URL(candidate);
      if (["http:", "https:", "mailto:", "tel:", "tg:"].includes(url.protocol)) return url.href;
      if (candidate.includes("://") || url.protocol === "javascript:") return null;
    } catch {
      // Not an address by itself: the next candidate adds the scheme.
    }
  }
  return null;
}

function link(address, children) {
  const href = safeUrl(address);
  if (!href) return h("span", {}, children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", "data-link": address }, children);
}

function copyable(tag, text, children) {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return pressable(h(tag, { class: "copyable" }, children), `Copy ${short}`, () => copy(text));
}

function spoiler(children) {
  const node = h("span", { class: "spoiler" }, children);
  const show = () => {
    node.classList.add("shown");
    node.removeAttribute("role");
    node.removeAttribute("aria-label");
  };
  return pressable(node, "Show hidden text", show);
}

function wrap(entity, text, children) {
  switch (entity.type) {
    case "code":
      return copyable("code", text, children);
    case "pre":
      return copyable("pre", text, children);
    case "spoiler":
      return spoiler(children);
    case "text_link":
      return link(entity.url ?? "", children);
    case "url":
      return link(text, children);
    case "email":
      return link(`mailto:${text}`, children);
    case "phone_number":
      return link(`tel:${text}`, children);
    case "bot_command":
      return h("button", { type: "button", class: "command", "data-command": text }, children);
    default:
      return h(TAGS[entity.type] ?? "span", { class: `entity-${TAGS[entity.type] ? entity.type : "plain"}` }, children);
  }
}

/** Nodes for `text`. Entities out of order, overlapping or beyond the end are cut to fit, never trusted. */
export function richText(text, entities = []) {
  const sorted = [...entities]
    .filter((one) => one.length > 0 && one.offset >= 0 && one.offset < text.length)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  return nodes(text, 0, text.length, sorted);
}

function nodes(text, start, end, sorted) {
  const made = [];
  let at = start;
  for (let index = 0; index < sorted.length; ) {
    const entity = sorted[index++];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (from >= to) continue;
    const inner = [];
    while (index < sorted.length && sorted[index].offset < to) inner.push(sorted[index++]);
    if (from > at) made.push(text.slice(at, from));
    made.push(wrap(entity, text.slice(from, to), nodes(text, from, to, inner)));
    at = to;
    // A block ends its own line; the break that follows it would show as an empty one.
    if (entity.type === "pre" && text[at] === "\n" && at < end) at += 1;
  }
  if (at < end) made.push(text.slice(at, end));
  return made;
}
