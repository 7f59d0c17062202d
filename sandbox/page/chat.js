// The chat with the bot: messages, their menu, the box to write in, and the bot's commands.
import { byId, element, sync } from "/page/dom.js";
import { copy, drawReplyKeyboard, inlineKeyboard, pressed } from "/page/keyboards.js";
import { choosePeople } from "/page/picker.js";
import { clock, contents, quote, summary } from "/page/render.js";
import { post, say, session, toast } from "/page/session.js";

// What the text in the box is for: {reply: message} or {edit: message}; null for a new message.
let purpose = null;
let forced = 0;

export function drawChat(jump) {
  const { chat } = session.state;
  drawMessages(chat, jump);
  drawAnswers();
  drawMenu();
  drawReplyKeyboard(chat.keyboard);
  drawForcedReply(chat);
}

export function resetChat() {
  byId("messages").replaceChildren();
  byId("input").value = "";
  setPurpose(null);
}

function drawMessages(chat, jump) {
  const box = byId("messages");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const last = chat.messages.length ? chat.messages[chat.messages.length - 1].message_id : 0;
  const arrived = box.dataset.last !== String(last);
  const pending = new Map();
  for (const press of chat.pending) {
    pending.set(press.message_id, [...(pending.get(press.message_id) || []), press.data]);
  }
  const items = chat.messages.map((message) => ({ ...message, waiting: pending.get(message.message_id) || [] }));
  sync(box, items, (message) => message.message_id, chatMessage);
  box.dataset.last = String(last);
  byId("greeting").hidden = chat.messages.length > 0;
  if (jump || atEnd || arrived) box.scrollTop = box.scrollHeight;
}

function chatMessage(message) {
  const own = message.from.id === session.person;
  const buttons = inlineKeyboard(message, session.person, message.waiting, "button");
  const bubble = element(
    "div", { class: "bubble", on: { click: (event) => tapBubble(event, message) } }, ...contents(message, say),
    element("small", { class: "time" }, `${message.edit_date ? "edited " : ""}${clock(message.date)}`),
  );
  const attributes = {
    class: `message ${own ? "own" : "theirs"}${buttons ? " with-keyboard" : ""}`, tabindex: "-1",
    "data-testid": "message", "data-message-id": message.message_id, "data-from": own ? "person" : "bot",
  };
  const article = element("article", attributes, bubble, buttons);
  article.addEventListener("contextmenu", (event) => { event.preventDefault(); openMessageMenu(message, article); });
  article.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== article) return;
    event.preventDefault();
    openMessageMenu(message, article);
  });
  return article;
}

// ---- the menu of a message ----

function tapBubble(event, message) {
  if (event.target.closest("a, button, .spoiler") || !window.getSelection().isCollapsed) return;
  openMessageMenu(message, event.currentTarget.parentNode);
}

function openMessageMenu(message, article) {
  const text = message.text || message.caption;
  const own = message.from.id === session.person;
  const item = (label, name, act) => element(
    "button", { type: "button", role: "menuitem", "data-testid": `message-${name}`, on: { click: () => { closeMessageMenu(); act(); } } }, label,
  );
  const menu = byId("message-menu");
  menu.replaceChildren(
    item("Reply", "reply", () => setPurpose({ reply: message })),
    ...(text ? [item("Copy text", "copy", () => copy(text))] : []),
    ...(own && text ? [item("Edit", "edit", () => setPurpose({ edit: message }))] : []),
  );
  menu.hidden = false;
  const frame = menu.parentNode.getBoundingClientRect();
  const place = article.querySelector(".bubble").getBoundingClientRect();
  const top = Math.min(place.bottom, byId("messages").getBoundingClientRect().bottom) - frame.top - menu.offsetHeight;
  menu.style.top = `${Math.max(60, top)}px`;
  menu.style.left = `${Math.max(8, Math.min(place.left - frame.left + 24, frame.width - menu.offsetWidth - 8))}px`;
  menu.firstChild.focus({ preventScroll: true });
}

function closeMessageMenu() {
  byId("message-menu").hidden = true;
}

function setPurpose(next) {
  const edited = purpose && purpose.edit;
  purpose = next;
  const about = next ? next.reply || next.edit : null;
  byId("purpose").hidden = !about;
  if (about) {
    const title = next.edit ? "Edit message" : `Reply to ${about.from.first_name}`;
    byId("purpose-quote").replaceChildren(quote(title, summary(about)));
  }
  if (next && next.edit) byId("input").value = next.edit.text || next.edit.caption;
  else if (edited) byId("input").value = "";
  grow();
  if (next) byId("input").focus();
}

function drawForcedReply(chat) {
  const last = chat.messages.findLast((message) => message.from.id !== session.person);
  if (!chat.keyboard.force_reply || !last || forced === last.message_id) return;
  forced = last.message_id;
  setPurpose({ reply: last });
}

// ---- answers to presses that were made in this window ----

export function drawAnswers() {
  for (const answer of session.state.chat.answers.filter((one) => pressed.has(one.query_id))) {
    pressed.delete(answer.query_id);
    if (!answer.alert) {
      toast(answer.text);
      continue;
    }
    byId("alert-text").textContent = answer.text;
    if (!byId("alert").open) byId("alert").showModal();
  }
}

// ---- the menu of commands ----

function drawMenu() {
  const typed = byId("input").value;
  const open = /^\/[a-z0-9_]*$/.test(typed);
  const wanted = session.state ? session.state.chat.commands.filter((one) => `/${one.command}`.startsWith(typed)) : [];
  byId("menu").hidden = !open || !wanted.length;
  byId("open-menu").setAttribute("aria-expanded", String(!byId("menu").hidden));
  sync(byId("menu"), wanted, (one) => one.command, (one) => element(
    "button",
    { type: "button", role: "option", "data-testid": "menu-command", on: { click: () => { clearInput(); say(`/${one.command}`); } } },
    element("strong", {}, `/${one.command}`), element("span", { dir: "auto" }, one.description),
  ));
}

function clearInput() {
  byId("input").value = "";
  setPurpose(null);
  drawMenu();
  byId("input").focus();
}

function grow() {
  const input = byId("input");
  input.style.height = "";
  if (input.scrollHeight > input.offsetHeight) input.style.height = `${Math.min(input.scrollHeight + 2, 160)}px`;
}

// ---- writing ----

async function send() {
  const text = byId("input").value.trim();
  const files = [...byId("file").files];
  const { reply, edit } = purpose || {};
  if (!files.length && !text) return;
  clearInput();
  if (files.length) {
    byId("composer").reset();
    await sendFiles(files, text, reply);
  } else if (edit) {
    await post("edit", { person: session.person, message_id: edit.message_id, text });
  } else {
    await say(text, reply ? { reply_to: reply.message_id } : {});
  }
}

async function sendFiles(files, caption, reply) {
  const album = files.length > 1 ? `page-${Date.now()}` : "";
  for (const [index, file] of files.entries()) {
    const form = new FormData();
    form.append("person", String(session.person));
    form.append("caption", index ? "" : caption);
    form.append("album", album);
    form.append("reply_to", reply ? String(reply.message_id) : "");
    form.append("file", file);
    await post("send-file", form);
  }
}

async function sendContact() {
  byId("attach").open = false;
  const { person } = session;
  const [user] = await choosePeople("Send whose contact?", { except: [person] });
  if (user) await post("share-contact", { person, user });
}

export function listenToChat() {
  let atEnd = true;
  const messages = byId("messages");
  messages.addEventListener("scroll", () => { atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80; });
  new ResizeObserver(() => { if (atEnd) messages.scrollTop = messages.scrollHeight; }).observe(messages);
  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  byId("file").addEventListener("change", () => { byId("attach").open = false; send(); });
  byId("attach-contact").addEventListener("click", sendContact);
  for (const sample of document.querySelectorAll("[data-sample]")) {
    sample.addEventListener("click", () => {
      byId("attach").open = false;
      const reply = purpose && purpose.reply;
      setPurpose(null);
      post("say-sample", { person: session.person, kind: sample.dataset.sample, reply_to: reply ? reply.message_id : null });
    });
  }
  byId("input").addEventListener("input", () => { grow(); drawMenu(); });
  byId("input").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    if (event.key === "Escape") setPurpose(null);
  });
  byId("purpose-close").addEventListener("click", () => setPurpose(null));
  byId("open-menu").addEventListener("click", () => {
    const input = byId("input");
    input.value = input.value === "/" ? "" : "/";
    drawMenu();
    (byId("menu").hidden ? input : byId("menu").firstChild).focus();
  });
  byId("menu").addEventListener("keydown", (event) => moveFocus(event, byId("menu").children));
  byId("messages").addEventListener("keydown", (event) => moveFocus(event, byId("messages").children));
  byId("message-menu").addEventListener("keydown", (event) => moveFocus(event, byId("message-menu").children));
  document.addEventListener("pressed", drawAnswers);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMessageMenu(); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#message-menu, .bubble")) closeMessageMenu();
    if (!event.target.closest("#attach")) byId("attach").open = false;
  });
}

// Arrows go from one to the next; from the list itself, to its last.
function moveFocus(event, nodes) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !nodes.length) return;
  const at = [...nodes].findIndex((node) => node.contains(document.activeElement));
  const next = at < 0 ? nodes.length - 1 : Math.max(0, Math.min(nodes.length - 1, at + step));
  event.preventDefault();
  nodes[next].focus();
}
