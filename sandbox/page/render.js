// Turns what the sandbox knows into elements. Text only ever goes in through textContent.

import { avatar } from "/page/avatar.js";
import { element } from "/page/dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// `run` sends a text as the person, for /commands that are tapped.
function richText(text, entities, run) {
  return spread(text, 0, text.length, [...(entities || [])], run);
}

const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);

// The line breaks around a block are those of the block itself.
function spread(text, start, end, entities, run) {
  const fragment = document.createDocumentFragment();
  let at = start;
  let afterBlock = false;
  const plain = (to, beforeBlock) => {
    let words = text.slice(at, to);
    if (afterBlock) words = words.replace(/^\n/, "");
    fragment.append(beforeBlock ? words.replace(/\n$/, "") : words);
  };
  while (entities.length) {
    const entity = entities.shift();
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) continue;
    plain(from, BLOCKS.has(entity.type));
    const inner = [];
    while (entities.length && entities[0].offset < to) inner.push(entities.shift());
    const node = wrapper(entity, text.slice(from, to), run);
    node.append(spread(text, from, to, inner, run));
    fragment.append(node);
    at = to;
    afterBlock = BLOCKS.has(entity.type);
  }
  plain(end, false);
  return fragment;
}

function wrapper(entity, covered, run) {
  if (entity.type === "url" || entity.type === "text_link") {
    const url = entity.url || covered;
    const safe = /^(https?|mailto|tel|tg):/i.test(url) ? url : `https://${url}`;
    return element("a", { href: safe, target: "_blank", rel: "noopener noreferrer" });
  }
  if (entity.type === "bot_command" && run) {
    return element("button", { type: "button", class: "command", on: { click: () => run(covered) } });
  }
  if (entity.type === "spoiler") return element("span", { class: "spoiler", tabindex: "0" });
  return element(TAGS[entity.type] || "span");
}

const MARKS = { "*": "bold", _: "italic", "~": "strikethrough" };

// WhatsApp and Viber keep their marks in the text: *bold*, _italic_, ~strike~, ```mono```.
function markedText(text) {
  const fragment = document.createDocumentFragment();
  const pattern = /```([^`]+)```|(?<![\p{L}\p{N}])([*_~])(?=\S)([^*_~\n]*\S)\2(?![\p{L}\p{N}])|https?:\/\/[^\s]*[^\s.,;:!?)]/gu;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    fragment.append(text.slice(at, match.index));
    const kind = match[1] ? "code" : match[2] ? MARKS[match[2]] : "url";
    const covered = match[1] || match[3] || match[0];
    const node = wrapper({ type: kind }, covered);
    node.textContent = covered;
    fragment.append(node);
    at = match.index + match[0].length;
  }
  fragment.append(text.slice(at));
  return fragment;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

function fileCard(name, note, href, download) {
  const attributes = download ? { download } : { target: "_blank", rel: "noopener noreferrer" };
  return element(
    href ? "a" : "div", { class: "file", "data-testid": "document", ...(href ? { href, ...attributes } : {}) },
    element("span", { class: "file-icon", "aria-hidden": "true" }, download ? "⬇" : "↗"),
    element("span", {}, element("span", { class: "file-name", dir: "auto" }, name), element("small", {}, note)),
  );
}

// Opens in full size: a chart is small in the chat.
function picture(src, attributes) {
  const image = element("img", { src, ...attributes });
  return element("a", { href: src, target: "_blank", rel: "noopener noreferrer", title: "Open the picture" }, image);
}

// A file on WhatsApp or Viber: the picture that was uploaded, or its name and where it lies.
function linkedFile(media) {
  if (!media) return null;
  const held = media.held ? `/sandbox/whatsapp-media/${encodeURIComponent(media.held)}` : null;
  const href = held || (/^https?:/i.test(media.url || "") ? media.url : null);
  if (RECORDED[media.kind]) return recording(media.kind, 0, href);
  if (held && media.kind === "photo") return picture(held, { alt: media.name || "Photo", "data-testid": "phone-photo" });
  if (media.kind === "sticker" && held) return sticker(held, "");
  return fileCard(media.name || media.kind, media.kind, href, held ? media.name : null);
}

const RECORDED = { voice: "Voice message", audio: "Music" };

// A voice message or music: a play button, the shape of the sound, how long it is.
function recording(kind, seconds, href, name) {
  const wave = element("span", { class: "wave", "aria-hidden": "true" }, ...Array.from({ length: 16 }, () => element("i")));
  return element(
    href ? "a" : "div", { class: `recording ${kind}`, "data-testid": kind, "aria-label": RECORDED[kind], ...(href ? { href, target: "_blank", rel: "noopener noreferrer" } : {}) },
    element("span", { class: "file-icon", "aria-hidden": "true" }, kind === "voice" ? "▶" : "♫"),
    element("span", {}, kind === "voice" ? wave : element("span", { class: "file-name", dir: "auto" }, name || RECORDED[kind]), element("small", {}, length(seconds) || RECORDED[kind])),
  );
}

function length(seconds) {
  return seconds ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "";
}

function sticker(src, emoji) {
  const look = { class: "sticker", "data-testid": "sticker" };
  return src ? element("img", { ...look, src, alt: emoji || "Sticker" }) : element("div", { ...look, role: "img", "aria-label": "Sticker" }, emoji || "🙂");
}

// A place: a map with a pin, and its name.
function placeCard(place) {
  const where = `${place.latitude.toFixed(4)}, ${place.longitude.toFixed(4)}`;
  const named = place.title || place.name;
  return element(
    "a", { class: "place", "data-testid": "location", href: `https://maps.google.com/?q=${place.latitude},${place.longitude}`, target: "_blank", rel: "noopener noreferrer" },
    element("span", { class: "map", "aria-hidden": "true" }, "📍"),
    named ? element("strong", { dir: "auto" }, named) : null,
    element("small", { dir: "auto" }, place.address || where),
  );
}

function contactCard(name, number) {
  return element(
    "div", { class: "card", "data-testid": "contact" }, avatar(name),
    element("span", {}, element("strong", { dir: "auto" }, name), element("small", {}, number)),
  );
}

function pollCard(poll) {
  const kind = poll.type === "quiz" ? "quiz" : "poll";
  const options = poll.options.map((option) => element("li", { dir: "auto" }, option.text));
  return element(
    "div", { class: `poll${poll.allows_multiple_answers ? " several" : ""}`, "data-testid": "poll" },
    element("strong", { dir: "auto" }, poll.question),
    element("small", {}, `${poll.is_anonymous ? "Anonymous" : "Public"} ${kind}${poll.allows_multiple_answers ? ", several answers" : ""}`),
    element("ul", {}, ...options),
  );
}

// The buttons under a message; `make` turns one into an element.
export function keyboard(rows, make) {
  if (!rows || !rows.length) return null;
  const lines = rows.map((row) => element("div", { class: `row of-${row.length}` }, ...row.map(make)));
  return element("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, ...lines);
}

// A button that opens an address.
export function linkButton(button, look) {
  return element(
    "a", { ...look, href: button.url, target: "_blank", rel: "noopener noreferrer" },
    element("span", { dir: "auto" }, button.text), element("i", { "aria-hidden": "true" }, "↗"),
  );
}

// A message on WhatsApp or Viber.
export function markedParts(message) {
  const text = message.text ? element("div", { class: "text", dir: "auto" }, markedText(message.text)) : null;
  const link = (button) => linkButton(button, { class: "button", "data-testid": "phone-button", title: button.url });
  const { place, contact, poll } = message;
  const cards = [place ? placeCard(place) : null, contact ? contactCard(contact.name, contact.phone_number) : null, poll ? pollCard(poll) : null];
  return [linkedFile(message.media), ...cards, text, keyboard(message.buttons ? [message.buttons] : null, link)].filter(Boolean);
}

// The picture, the file or the card of a message, or null.
function attachment(message) {
  if (message.poll) return pollCard(message.poll);
  if (message.location) return placeCard({ ...message.location, ...(message.venue ? { title: message.venue.title, address: message.venue.address } : {}) });
  if (message.contact) {
    const { first_name: first, last_name: last, phone_number: number } = message.contact;
    return contactCard([first, last].filter(Boolean).join(" "), number);
  }
  const kind = ["photo", "video", "animation", "voice", "audio", "video_note", "sticker", "document"].find((one) => message[one]);
  if (!kind) return null;
  if (message.sandbox_link) {
    return linkedFile({ kind, name: message.sandbox_link.split("/").pop(), url: message.sandbox_link });
  }
  if (message.photo) {
    const photo = message.photo[message.photo.length - 1];
    const frame = { width: photo.width, height: photo.height };
    return picture(`/sandbox/files/${photo.file_id}`, { alt: message.caption || "Photo", ...frame });
  }
  return filed(kind, message[kind]);
}

function filed(kind, file) {
  const src = `/sandbox/files/${file.file_id}`;
  if (RECORDED[kind]) return recording(kind, file.duration, src, file.file_name);
  if (kind === "sticker") return sticker(file.is_animated || file.is_video ? null : src, file.emoji);
  if (kind === "video_note") {
    return element("a", { class: "round", "data-testid": kind, href: src, "aria-label": "Video message" }, element("span", { "aria-hidden": "true" }, "▶"), element("small", {}, length(file.duration)));
  }
  if (kind === "animation") {
    return element("a", { class: "gif", "data-testid": kind, href: src, "aria-label": "GIF" }, element("span", { "aria-hidden": "true" }, "GIF"));
  }
  return fileCard(file.file_name, size(file.file_size), src, file.file_name);
}

// What somebody did, for messages without any content of their own.
function serviceText(message) {
  if (message.users_shared) return `Shared: ${message.users_shared.users.map((user) => user.first_name || user.user_id).join(", ")}`;
  if (message.left_chat_member) return `${message.left_chat_member.first_name} left the group`;
  return message.migrate_to_chat_id ? "This group became a supergroup" : "";
}

function replyQuote(message) {
  const replied = message.reply_to_message;
  return replied ? quote(replied.from.first_name, summary(replied)) : null;
}

export function quote(title, text) {
  return element(
    "div", { class: "quote" },
    title ? element("strong", { dir: "auto" }, title) : null,
    element("span", { dir: "auto" }, text),
  );
}

const NAMES = {
  photo: "Photo", contact: "Contact", poll: "Poll", location: "Place", voice: "Voice message", audio: "Music",
  video_note: "Video message", animation: "GIF", sticker: "Sticker", video: "Video",
};

// One line for a message that is quoted.
export function summary(message) {
  const kind = Object.keys(NAMES).find((one) => message[one]);
  return message.text || message.caption || (kind ? NAMES[kind] : "File");
}

// All that a message of Telegram shows but its buttons; `run` sends a text as the person.
export function contents(message, run) {
  const text = message.text || message.caption || serviceText(message);
  const origin = message.forward_origin;
  const from = origin ? origin.sender_user_name || (origin.sender_user && origin.sender_user.first_name) : "";
  return [
    message.has_protected_content ? element("small", { class: "forward" }, "Cannot be forwarded") : null,
    from ? element("small", { class: "forward" }, `Forwarded from ${from}`) : null,
    replyQuote(message),
    attachment(message),
    text ? element("div", { class: "text", dir: "auto" }, richText(text, message.entities || message.caption_entities, run)) : null,
  ].filter(Boolean);
}
