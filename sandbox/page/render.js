// Turns what the sandbox knows into elements. Text only ever goes in through textContent.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// `run` sends a text as the person, for /commands that are tapped.
export function richText(text, entities, run) {
  return spread(text, 0, text.length, [...(entities || [])], run);
}

function spread(text, start, end, entities, run) {
  const fragment = document.createDocumentFragment();
  let at = start;
  while (entities.length) {
    const entity = entities.shift();
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) continue;
    fragment.append(text.slice(at, from));
    const inner = [];
    while (entities.length && entities[0].offset < to) inner.push(entities.shift());
    const node = wrapper(entity, text.slice(from, to), run);
    node.append(spread(text, from, to, inner, run));
    fragment.append(node);
    at = to;
  }
  fragment.append(text.slice(at, end));
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

// A file on WhatsApp or Viber: the picture that was uploaded, or its name and where it lies.
function linkedFile(media) {
  if (!media) return null;
  if (media.held) {
    const src = `/sandbox/whatsapp-media/${encodeURIComponent(media.held)}`;
    if (media.kind === "photo") return element("img", { src, alt: media.name || "Photo", "data-testid": "phone-photo" });
    return fileCard(media.name, media.kind, src, media.name);
  }
  const href = /^https?:/i.test(media.url || "") ? media.url : null;
  return fileCard(media.name || media.kind, media.kind, href, null);
}

// Buttons that open an address, under a message.
export function linkButtons(rows) {
  if (!rows || !rows.length) return null;
  const links = rows.map((row) => element(
    "div", { class: `row of-${row.length}` }, ...row.map((button) => element(
      "a", { class: "button", "data-testid": "phone-button", href: button.url, target: "_blank", rel: "noopener noreferrer", title: button.url },
      element("span", { dir: "auto" }, button.text),
    )),
  ));
  return element("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, ...links);
}

// A message on WhatsApp or Viber.
export function markedParts(message) {
  const text = message.text ? element("div", { class: "text", dir: "auto" }, markedText(message.text)) : null;
  return [linkedFile(message.media), text, linkButtons(message.buttons ? [message.buttons] : null)].filter(Boolean);
}

// The picture or the file of a message, or null.
export function attachment(message) {
  const kind = ["photo", "video", "document"].find((one) => message[one]);
  if (message.sandbox_link) {
    return linkedFile({ kind, name: message.sandbox_link.split("/").pop(), url: message.sandbox_link });
  }
  if (message.photo) {
    const photo = message.photo[message.photo.length - 1];
    const frame = { width: photo.width, height: photo.height };
    return element("img", { src: `/sandbox/files/${photo.file_id}`, alt: message.caption || "Photo", ...frame });
  }
  const file = message.document || message.video;
  if (!file) return null;
  return fileCard(file.file_name, size(file.file_size), `/sandbox/files/${file.file_id}`, file.file_name);
}

// What somebody did, for messages without any content of their own.
export function serviceText(message) {
  if (message.left_chat_member) return `${message.left_chat_member.first_name} left the group`;
  return message.migrate_to_chat_id ? "This group became a supergroup" : "";
}

export function replyQuote(message) {
  const replied = message.reply_to_message;
  if (!replied) return null;
  return element(
    "div", { class: "quote" },
    element("strong", {}, replied.from.first_name),
    element("span", { dir: "auto" }, replied.text || replied.caption || "File"),
  );
}
