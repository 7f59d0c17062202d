// The buttons of Telegram: under a message, and below the chat.
import { byId, element } from "/page/dom.js";
import { choosePeople } from "/page/picker.js";
import { keyboard, linkButton } from "/page/render.js";
import { post, say, session, toast } from "/page/session.js";

// Presses made here: what the bot answers to them is shown in this window and in no other.
export const pressed = new Set();

// The keyboard under a message in the chat of `person`; `waiting`: the data of presses without an answer yet.
export function inlineKeyboard(message, person, waiting, testid) {
  const rows = message.reply_markup ? message.reply_markup.inline_keyboard : [];
  return keyboard(rows, (button) => inlineButton(message, person, waiting, button, testid));
}

function inlineButton(message, person, waiting, button, testid) {
  const look = { class: `button ${button.style || ""}`, "data-testid": testid, title: button.url || button.text };
  const label = element("span", { dir: "auto" }, button.text);
  const started = startOf(button.url);
  if (button.url && !started) return linkButton(button, look);
  if (started) return plainButton(look, () => openLink(started), label, "↗");
  if (button.copy_text) return plainButton(look, () => copy(button.copy_text.text), label, "⧉");
  const press = async () => {
    const body = { person, message_id: message.message_id, data: button.callback_data, text: button.text };
    const answer = await post("press", body);
    if (answer) pressed.add(answer.query_id);
    document.dispatchEvent(new Event("pressed"));
  };
  const waits = waiting.includes(button.callback_data);
  return element(
    "button",
    { ...look, type: "button", "aria-busy": waits ? "true" : false, disabled: !button.callback_data, on: { click: press } },
    label,
  );
}

function plainButton(look, press, label, icon) {
  return element("button", { ...look, type: "button", on: { click: press } }, label, element("i", { "aria-hidden": "true" }, icon));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast(text);
  }
}

// The text after ?start= of a link to this bot, bare or to be shared, which somebody of the sandbox may open; "" for
// any other address.
function startOf(url) {
  const link = sharedUrl(url);
  const start = link && link.hostname === "t.me" && link.pathname === `/${session.state.bot.username}`;
  return start ? `/start ${link.searchParams.get("start") || ""}`.trim() : "";
}

function sharedUrl(url) {
  try {
    const link = new URL(url);
    const shared = link.pathname === "/share/url" ? link.searchParams.get("url") : "";
    return shared ? new URL(shared) : link;
  } catch {
    return null;
  }
}

async function openLink(text) {
  const [person] = await choosePeople("Who opens this link?");
  if (person && await post("say", { person, text })) toast(`${nameOf(person)} pressed Start`);
}

// Links to the bot in texts, on the phones too.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const started = link && startOf(link.href);
  if (!started) return;
  event.preventDefault();
  openLink(started);
});

function nameOf(id) {
  return session.state.contacts.find((one) => one.id === id).name;
}

// ---- the keyboard below the chat ----

export function drawReplyKeyboard(below) {
  const rows = below.keyboard || [];
  const box = byId("reply-keyboard");
  box.hidden = !rows.length;
  byId("input").placeholder = below.input_field_placeholder || "Message";
  const signature = JSON.stringify(rows);
  if (box.signature === signature) return;
  box.signature = signature;
  box.replaceChildren(...rows.map((row) => element("div", { class: `row of-${row.length}` }, ...row.map(replyButton))));
}

function replyButton(button) {
  return element(
    "button", { type: "button", class: "reply-button", "data-testid": "reply-button", on: { click: () => answer(button) } },
    element("span", { dir: "auto" }, button.text),
  );
}

async function answer(button) {
  const { person } = session;
  if (button.request_users) {
    const { request_id: asked, max_quantity: most = 1 } = button.request_users;
    const users = await choosePeople(most > 1 ? `Choose up to ${most} people` : "Choose a person", { most, except: [person] });
    if (users.length) await post("share-users", { person, request_id: asked, users });
  } else if (button.request_contact) {
    await post("share-contact", { person });
  } else {
    await say(button.text);
  }
}
