// The phones of the people who get the messages: three in front, the others folded.
import { avatar } from "/page/avatar.js";
import { byId, element, sync } from "/page/dom.js";
import { inlineKeyboard } from "/page/keyboards.js";
import { clock, contents, markedParts, quote } from "/page/render.js";
import { post, session } from "/page/session.js";

const BACK = { blocked: "Unblock", never_started: "Press Start", outside_window: "Open the window", unsubscribed: "Subscribe" };

export function drawPhones() {
  const { messengers, phones } = session.state;
  sync(byId("front"), phones.filter((phone) => phone.front), keyOf, phoneCard);
  const rest = phones.filter((phone) => !phone.front);
  sync(byId("rest"), messengers.filter(({ name }) => rest.some((phone) => phone.messenger === name)), ({ name }) => name, group);
  for (const box of byId("rest").children) {
    sync(box.lastChild, rest.filter((phone) => phone.messenger === box.dataset.key), keyOf, phoneCard);
  }
  byId("more-count").textContent = String(rest.length);
}

const keyOf = (phone) => `${phone.messenger} ${phone.id}`;

// The last message that each phone got.
export function arrivals() {
  const last = session.state.phones.map((phone) => [keyOf(phone), phone.messages.findLast((message) => !isOwn(message))]);
  return new Map(last.filter(([, message]) => message).map(([key, message]) => [key, idOf(message)]));
}

const isOwn = (message) => Boolean(message.own || (message.from && !message.from.is_bot));
const idOf = (message) => message.message_id || message.id;

function group({ name, title }) {
  return element("section", { class: "group", "aria-label": title }, element("h2", {}, title), element("div", { class: "list" }));
}

// Made once for each phone; `renew` shows what changed, so that what is being written there stays.
function phoneCard(first) {
  const telegram = first.messenger === "telegram";
  const { title } = session.state.messengers.find(({ name }) => name === first.messenger);
  const path = `people/${first.messenger}/${encodeURIComponent(first.id)}`;
  let shown = first;
  let quoted = null;

  const levers = element("div", { class: "levers" });
  const lever = element("details", { class: "simulate" }, element("summary", { "aria-label": `Simulate: what ${first.name} does`, title: "Simulate", "data-testid": "phone-simulate" }, "⋯"), levers);
  const badge = element("p", { class: "badge" });
  const screen = element("div", { class: "screen", role: "log", "aria-label": `Messages on ${first.name}'s phone`, tabindex: "0" });
  const read = element("button", { type: "button", class: "unread", "data-testid": "phone-read", on: { click: () => post(`${path}/read`) } });
  const about = element("div", { class: "about", hidden: true });
  const input = element("input", { type: "text", placeholder: "Write back", "aria-label": `Message from ${first.name}`, "data-testid": "phone-input", autocomplete: "off", dir: "auto" });
  const form = element("form", { class: "answer" }, input, element("button", { type: "submit", class: "icon send", "aria-label": "Send", "data-testid": "phone-send" }, "➤"));
  const card = element(
    "article", { "data-testid": `phone-${first.messenger}-${first.id}`, "aria-label": `${first.name}, ${title} ${first.id}` },
    element("header", {}, avatar(first.name), element("div", { class: "who" }, element("strong", { dir: "auto" }, first.name), element("span", {}, title)), lever),
    badge, screen, read, about, form,
  );

  const act = (name) => () => { lever.open = false; post(`${path}/${name}`); };
  const quoteMessage = (message) => {
    quoted = message && message !== quoted ? message : null;
    about.hidden = !quoted;
    about.replaceChildren(...(quoted ? [quote("", quoted.text || quoted.caption || "Photo or file")] : []));
    if (quoted) input.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    const reply = quoted ? { reply_to: idOf(quoted) } : {};
    input.value = "";
    quoteMessage(null);
    post(...(telegram ? ["say", { person: Number(shown.id), text, ...reply }] : [`${path}/write`, { text, ...reply }]));
  });

  card.renew = (phone) => {
    shown = phone;
    const reachable = phone.reach === "ok";
    const unread = telegram ? 0 : phone.messages.filter((message) => message.state === "delivered").length;
    card.className = `phone ${phone.messenger}${reachable ? "" : " unreachable"}`;
    levers.replaceChildren(
      element("small", {}, phone.id),
      ...(reachable ? [leverButton("Block", "phone-action", act("block"))] : []),
      ...(telegram || !reachable ? [] : [leverButton("Write STOP", "phone-stop", act("stop"))]),
    );
    badge.hidden = !phone.badge;
    badge.replaceChildren(
      element("span", { "data-testid": "phone-badge" }, phone.badge),
      ...(reachable || phone.reach === "kicked" ? [] : [leverButton(BACK[phone.reach] || "Join", "phone-action", act(phone.reach === "never_started" ? "start" : "unblock"))]),
    );
    const before = screen.dataset.last;
    sync(screen, phone.messages, idOf, (message) => phoneMessage(phone, message, quoteMessage));
    screen.dataset.last = phone.messages.length ? idOf(phone.messages[phone.messages.length - 1]) : "";
    if (before !== screen.dataset.last) screen.scrollTop = screen.scrollHeight;
    read.hidden = !unread;
    read.textContent = unread > 1 ? `${unread} new messages · Read` : "New message · Read";
    form.hidden = !reachable && phone.reach !== "outside_window";
  };
  card.renew(first);
  return card;
}

function leverButton(label, testid, press) {
  return element("button", { type: "button", class: "act", "data-testid": testid, on: { click: press } }, label);
}

function phoneMessage(phone, message, quoteMessage) {
  const own = isOwn(message);
  const telegram = phone.messenger === "telegram";
  const person = Number(phone.id);
  const run = (text) => post("say", { person, text });
  const bubble = element(
    "div", { class: "bubble" }, quotedOn(phone, message), ...(telegram ? contents(message, run) : markedParts(message)),
    element("small", { class: "time" }, clock(message.date), ticks(message)),
  );
  // Viber tells no bot what an answer quotes.
  if (!own && phone.messenger !== "viber") {
    bubble.addEventListener("click", (event) => { if (!event.target.closest("a, button")) quoteMessage(message); });
    bubble.title = "Tap to answer this message";
  }
  return element(
    "div",
    { class: `message ${own ? "own" : "theirs"}`, "data-testid": own ? "phone-own-message" : "phone-message", "data-message-id": idOf(message) },
    bubble, telegram ? inlineKeyboard(message, person, [], "phone-button") : null,
  );
}

function quotedOn(phone, message) {
  const answered = message.answers && phone.messages.find((one) => idOf(one) === message.answers);
  return answered ? quote("", answered.text || "Photo or file") : null;
}

// What the sender is told of a message: two ticks once it is here, coloured once it was read.
function ticks(message) {
  if (!message.state) return null;
  const read = message.state === "read";
  const label = read ? "The sender sees: read" : "The sender sees: delivered";
  return element("span", { class: `ticks${read ? " read" : ""}`, "data-testid": "ticks", "data-state": message.state, role: "img", "aria-label": label, title: label }, " ✓✓");
}
