import { attachment, clock, element, linkButtons, markedParts, replyQuote, richText, serviceText } from "/page/render.js";
import { switchButton, switches } from "/page/account.js";

const byId = (id) => document.getElementById(id);
const LANGUAGES = { en: "English", ru: "Русский" };
const BACKOFF_MS = 1000;

let person = Number(localStorage.getItem("person")) || 100;
let state = null;
let shownChat = null;
let lastAnswer = 0;
let loading = false;
let again = false;
let toastTimer = 0;

async function post(path, body) {
  const form = body instanceof FormData;
  const headers = form ? {} : { "Content-Type": "application/json" };
  const response = await fetch(`/sandbox/${path}`, { method: "POST", headers, body: form ? body : JSON.stringify(body) });
  if (!response.ok) toast((await response.json()).error);
  return response.ok;
}

const say = (text) => post("say", { person, text });

// ---- loading: one request at a time; changes that come meanwhile ask for one more ----

async function load() {
  if (loading) { again = true; return; }
  loading = true;
  try {
    const asked = person;
    const response = await fetch(`/sandbox/state?person=${asked}`);
    const fresh = await response.json();
    if (asked === person) { state = fresh; draw(); }
    byId("offline").hidden = true;
  } catch {
    byId("offline").hidden = false;
  } finally {
    loading = false;
  }
  if (again) { again = false; load(); }
}

function listen() {
  const source = new EventSource("/sandbox/events");
  source.onmessage = load;
  source.onerror = () => {
    byId("offline").hidden = false;
    source.close();
    setTimeout(listen, BACKOFF_MS);
  };
}

// ---- drawing: an element is made anew only when what it shows has changed ----

function draw() {
  const switched = shownChat !== state.chat.id;
  if (switched) {
    shownChat = state.chat.id;
    byId("messages").replaceChildren();
    lastAnswer = Math.max(0, ...state.chat.answers.map((answer) => answer.number));
  }
  drawHead();
  drawMessages(switched);
  drawAnswers();
  drawMenu();
  drawPhones();
}

function drawHead() {
  byId("bot-name").textContent = state.bot.name;
  byId("bot-status").textContent = state.chat.typing ? "typing…" : state.bot.connected ? "bot" : "waiting for the bot to connect…";
  const people = state.people.map((one) => ({ ...one, here: one.id === person }));
  sync(byId("people"), people, (one) => one.id, (one) => element(
    "button",
    { type: "button", "aria-pressed": String(one.here), "data-testid": `person-${one.id}`, on: { click: () => become(one.id) } },
    element("span", {}, one.name), element("small", {}, one.role),
  ));
  const me = state.people.find((one) => one.id === person);
  byId("language").hidden = !me;
  if (me) drawLanguage(me.language);
  byId("start-box").hidden = !me || me.reach === "ok";
  byId("start").textContent = me && me.reach === "blocked" ? "Unblock" : "Start";
}

function drawLanguage(language) {
  const button = byId("language");
  button.textContent = language.toUpperCase();
  button.lang = language;
  button.title = `This app speaks ${LANGUAGES[language] || language}`;
  button.setAttribute("aria-label", `Language of this app: ${LANGUAGES[language] || language}. Change`);
}

function become(id) {
  person = id;
  localStorage.setItem("person", String(id));
  byId("input").value = "";
  load();
}

function sync(container, items, key, make) {
  const old = new Map([...container.children].map((node) => [node.dataset.key, node]));
  let before = null;
  for (const item of items) {
    const id = String(key(item));
    const signature = JSON.stringify(item);
    let node = old.get(id);
    old.delete(id);
    if (!node || node.signature !== signature) {
      const fresh = make(item);
      fresh.dataset.key = id;
      fresh.signature = signature;
      if (node) replace(node, fresh);
      node = fresh;
    }
    const place = before ? before.nextSibling : container.firstChild;
    if (place !== node) container.insertBefore(node, place);
    before = node;
  }
  for (const node of old.values()) node.remove();
}

// Whoever works with the keyboard stays on the button that has just been drawn anew.
function replace(node, fresh) {
  const place = [...node.querySelectorAll("button, a")].indexOf(document.activeElement);
  node.replaceWith(fresh);
  if (place >= 0) fresh.querySelectorAll("button, a")[place]?.focus({ preventScroll: true });
}

function drawMessages(jump) {
  const box = byId("messages");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const last = state.chat.messages.length ? state.chat.messages[state.chat.messages.length - 1].message_id : 0;
  const arrived = box.dataset.last !== String(last);
  const pending = new Map();
  for (const press of state.chat.pending) {
    pending.set(press.message_id, [...(pending.get(press.message_id) || []), press.data]);
  }
  const items = state.chat.messages.map((message) => ({ ...message, waiting: pending.get(message.message_id) || [] }));
  sync(box, items, (message) => message.message_id, chatMessage);
  box.dataset.last = String(last);
  if (jump || atEnd || arrived) box.scrollTop = box.scrollHeight;
}

function chatMessage(message) {
  const own = message.from.id === person;
  const keyboard = message.reply_markup ? message.reply_markup.inline_keyboard : [];
  const attributes = {
    class: `message ${own ? "own" : "theirs"}${keyboard.length ? " with-keyboard" : ""}`,
    "data-testid": "message", "data-message-id": message.message_id, "data-from": own ? "person" : "bot",
  };
  const bubble = element("div", { class: "bubble" }, ...contents(message, say));
  bubble.append(element("small", { class: "time" }, `${message.edit_date ? "edited " : ""}${clock(message.date)}`));
  const rows = keyboard.map((row) => element(
    "div", { class: `row of-${row.length}` }, ...row.map((button) => keyboardButton(message, button)),
  ));
  return element(
    "article", attributes, bubble,
    rows.length ? element("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, ...rows) : null,
  );
}

function contents(message, run) {
  const text = message.text || message.caption || serviceText(message);
  const origin = message.forward_origin;
  const from = origin ? origin.sender_user_name || (origin.sender_user && origin.sender_user.first_name) : "";
  return [
    from ? element("small", { class: "forward" }, `Forwarded from ${from}`) : null,
    replyQuote(message),
    attachment(message),
    text ? element("div", { class: "text", dir: "auto" }, richText(text, message.entities || message.caption_entities, run)) : null,
  ].filter(Boolean);
}

function keyboardButton(message, button) {
  const look = { class: `button ${button.style || ""}`, "data-testid": "button", title: button.text };
  if (button.url) {
    return element("a", { ...look, href: button.url, target: "_blank", rel: "noopener noreferrer" }, element("span", { dir: "auto" }, button.text));
  }
  const waits = message.waiting.includes(button.callback_data);
  const press = () => post("press", { person, message_id: message.message_id, data: button.callback_data, text: button.text });
  return element(
    "button", { ...look, type: "button", "aria-busy": waits ? "true" : false, disabled: !button.callback_data, on: { click: press } },
    element("span", { dir: "auto" }, button.text),
  );
}

function drawAnswers() {
  for (const answer of state.chat.answers.filter((one) => one.number > lastAnswer)) {
    lastAnswer = answer.number;
    if (answer.alert) {
      byId("alert-text").textContent = answer.text;
      if (!byId("alert").open) byId("alert").showModal();
    } else {
      toast(answer.text);
    }
  }
}

function toast(text) {
  byId("toast").textContent = text;
  byId("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { byId("toast").hidden = true; }, 3500);
}

// ---- the menu of commands ----

function drawMenu() {
  const typed = byId("input").value;
  const open = /^\/[a-z0-9_]*$/.test(typed);
  const wanted = state ? state.chat.commands.filter((one) => `/${one.command}`.startsWith(typed)) : [];
  byId("menu").hidden = !open || !wanted.length;
  sync(byId("menu"), wanted, (one) => one.command, (one) => element(
    "button",
    { type: "button", role: "option", "data-testid": "menu-command", on: { click: () => { clearInput(); say(`/${one.command}`); } } },
    element("strong", {}, `/${one.command}`), element("span", { dir: "auto" }, one.description),
  ));
}

function clearInput() {
  byId("input").value = "";
  grow();
  drawMenu();
  byId("input").focus();
}

function grow() {
  const input = byId("input");
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
}

// ---- the phones ----

function drawPhones() {
  sync(byId("phones"), state.messengers, (messenger) => messenger.name, messengerGroup);
  sync(byId("account"), switches(state.account), (one) => one.name, (one) => switchButton(one, post));
  for (const { name } of state.messengers) {
    const list = byId("phones").querySelector(`.${name} .list`);
    sync(list, state.phones.filter((phone) => phone.messenger === name), (phone) => phone.id, phoneCard);
    for (const screen of list.querySelectorAll(".screen")) screen.scrollTop = screen.scrollHeight;
  }
}

function messengerGroup({ name, title, colour }) {
  const group = element(
    "section", { class: `group ${name}`, "aria-label": title },
    element("h2", {}, title), name === "whatsapp" ? element("div", { class: "acts", id: "account" }) : null,
    element("div", { class: "list" }),
  );
  group.style.setProperty("--brand", colour);
  return group;
}

function phoneCard(phone) {
  const reachable = phone.reach === "ok";
  const { title } = state.messengers.find(({ name }) => name === phone.messenger);
  const action = reachable ? "block" : phone.reach === "blocked" || phone.messenger !== "telegram" ? "unblock" : "start";
  const label = { block: "Block", unblock: phone.messenger === "telegram" ? "Unblock" : "Allow", start: "Press Start" }[action];
  const doing = (what) => () => post(`people/${phone.messenger}/${encodeURIComponent(phone.id)}/${what}`, {});
  const unread = phone.messages.some((message) => message.state === "delivered");
  const more = phone.messenger === "telegram" ? [] : [
    element("button", { type: "button", class: "act", "data-testid": "phone-read", disabled: !unread, on: { click: doing("read") } }, "Read"),
    element("button", { type: "button", class: "act", "data-testid": "phone-stop", title: "Write STOP to the shop", on: { click: doing("stop") } }, "Stop"),
    element("button", { type: "button", class: "act", "data-testid": "phone-write", title: "Write to the shop", on: { click: () => openWriteDialog(phone) } }, "Write"),
  ];
  return element(
    "article", { class: `phone${reachable ? "" : " unreachable"}`, "data-testid": `phone-${phone.messenger}-${phone.id}`, "aria-label": `${phone.name}, ${title} ${phone.id}` },
    element(
      "header", {},
      element("span", { class: "avatar", "aria-hidden": "true" }, phone.name.slice(0, 1)),
      element("div", { class: "who" }, element("strong", { dir: "auto" }, phone.name), element("span", {}, phone.id)),
      element("button", { type: "button", class: "act", "data-testid": "phone-action", on: { click: doing(action) } }, label),
    ),
    more.length ? element("div", { class: "acts" }, ...more) : null,
    phone.badge ? element("p", { class: "badge", "data-testid": "phone-badge" }, phone.badge) : null,
    element("div", { class: "screen", tabindex: phone.messages.length ? "0" : false, role: "group", "aria-label": "Messages" }, ...screen(phone)),
  );
}

function openWriteDialog(phone) {
  byId("write-title").textContent = `${phone.name} writes to the shop`;
  byId("write-text").value = "";
  byId("write").dataset.phone = `${phone.messenger}/${encodeURIComponent(phone.id)}`;
  byId("write").showModal();
}

function screen(phone) {
  if (!phone.messages.length) return [element("p", { class: "empty" }, "No messages yet")];
  return phone.messages.map((message) => {
    const own = message.own || (message.from && !message.from.is_bot);
    const parts = phone.messenger === "telegram" ? telegramParts(message) : markedParts(message);
    const id = message.message_id || message.id;
    return element(
      "div", { class: `bubble ${own ? "own" : ""}`, "data-testid": own ? "phone-own-message" : "phone-message", "data-message-id": id },
      ...parts, element("small", { class: "time" }, clock(message.date), ticks(message)),
    );
  });
}

function telegramParts(message) {
  const rows = message.reply_markup ? message.reply_markup.inline_keyboard : [];
  const protection = message.has_protected_content ? element("small", { class: "forward" }, "Cannot be forwarded") : null;
  return [protection, ...contents(message), linkButtons(rows.map((row) => row.filter((button) => button.url)))].filter(Boolean);
}

// What the sender is told of a message: two ticks once it is here, coloured once it was read.
function ticks(message) {
  if (!message.state) return null;
  const read = message.state === "read";
  return element("span", { class: `ticks${read ? " read" : ""}`, "data-testid": "ticks", role: "img", "aria-label": message.state }, " ✓✓");
}

// ---- what the person at the page does ----

async function send() {
  const input = byId("input");
  const text = input.value.trim();
  const file = byId("file").files[0];
  if (!file && !text) return;
  clearInput();
  if (!file) { await say(text); return; }
  const form = new FormData();
  form.append("person", String(person));
  form.append("caption", text);
  form.append("file", file);
  byId("composer").reset();
  await post("send-file", form);
}

byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
byId("file").addEventListener("change", send);
byId("input").addEventListener("input", () => { grow(); drawMenu(); });
byId("input").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
byId("open-menu").addEventListener("click", () => {
  const input = byId("input");
  input.value = input.value === "/" ? "" : "/";
  drawMenu();
  input.focus();
});
byId("language").addEventListener("click", () => {
  const codes = Object.keys(LANGUAGES);
  const next = codes[(codes.indexOf(byId("language").lang) + 1) % codes.length];
  post("language", { person, language: next });
});
byId("start").addEventListener("click", () => {
  post(`people/telegram/${person}/${byId("start").textContent === "Unblock" ? "unblock" : "start"}`, {});
});
byId("write-form").addEventListener("submit", () => {
  const text = byId("write-text").value.trim();
  if (text) post(`people/${byId("write").dataset.phone}/write`, { text });
});
byId("alert-close").addEventListener("click", () => byId("alert").close());
for (const tab of document.querySelectorAll("[data-show]")) {
  tab.addEventListener("click", () => {
    document.body.dataset.tab = tab.dataset.show;
    for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other === tab));
  });
}

listen();
