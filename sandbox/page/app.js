// The page: loads the state of the sandbox after each change, and draws it.
import { avatar } from "/page/avatar.js";
import { drawChat, listenToChat, resetChat } from "/page/chat.js";
import { byId } from "/page/dom.js";
import { arrivals, drawPhones } from "/page/phones.js";
import { post, session } from "/page/session.js";
import { drawSimulate } from "/page/simulate.js";

const BACKOFF_MS = 1000;
const narrow = window.matchMedia("(max-width: 820px)");

let shownChat = null;
let loading = false;
let again = false;
let seen = null;

// ---- loading: one request at a time; changes that come meanwhile ask for one more ----

async function load() {
  if (loading) { again = true; return; }
  loading = true;
  try {
    const asked = session.person;
    const response = await fetch(`/sandbox/state?person=${asked}`);
    const fresh = await response.json();
    if (asked === session.person) { session.state = fresh; draw(); }
    byId("offline").hidden = true;
  } catch (problem) {
    byId("offline").hidden = false;
    if (!(problem instanceof TypeError) || session.state === null) console.warn(problem);
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

function draw() {
  const { chat } = session.state;
  const switched = shownChat !== chat.id;
  if (switched) resetChat();
  shownChat = chat.id;
  drawHead();
  drawChat(switched);
  drawSimulate(become);
  drawPhones();
  drawNews();
  drawSteps();
}

function drawHead() {
  const { bot, chat, people } = session.state;
  byId("bot-name").textContent = bot.name;
  byId("bot-status").textContent = chat.typing ? "typing…" : bot.connected ? "bot" : "connecting…";
  const me = people.find((one) => one.id === session.person);
  byId("me").hidden = !me;
  if (!me) return;
  if (byId("me").dataset.name !== me.name) {
    byId("me").dataset.name = me.name;
    byId("me-picture").replaceChildren(avatar(me.name));
    byId("me-name").textContent = me.name;
  }
  const started = me.reach === "ok" && chat.messages.length > 0;
  byId("start-box").hidden = started;
  byId("composer").hidden = !started;
  byId("start").textContent = me.reach === "blocked" ? "Unblock" : "Start";
}

function become(id) {
  session.person = id;
  localStorage.setItem("person", String(id));
  byId("simulate").close();
  load();
}

// ---- the tab with the phones, and the three steps ----

function drawNews() {
  const now = arrivals();
  if (seen === null || !narrow.matches || document.body.dataset.tab === "phones") seen = now;
  const news = [...now].filter(([key, id]) => seen.get(key) !== id).length;
  byId("news").textContent = news ? String(news) : "";
  byId("news").hidden = !news;
}

function drawSteps() {
  const { chat, phones } = session.state;
  const arrived = phones.some((phone) => phone.front && phone.messages.some((message) => !message.own && !(message.from && !message.from.is_bot)));
  const looked = arrived && (!narrow.matches || document.body.dataset.tab === "phones" || localStorage.getItem("looked") !== null);
  if (!arrived) localStorage.removeItem("looked");
  else if (looked && localStorage.getItem("looked") === null) localStorage.setItem("looked", "shown");
  const done = [chat.messages.some((message) => message.from.id === session.person) || arrived, arrived, looked];
  const current = done.indexOf(false);
  byId("steps").hidden = looked;
  byId("steps-done").hidden = !looked || localStorage.getItem("looked") === "hidden";
  [...byId("steps").children].forEach((step, index) => {
    step.classList.toggle("done", done[index]);
    if (index === current) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  });
}

function show(tab) {
  document.body.dataset.tab = tab;
  for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other.dataset.show === tab));
  drawNews();
  drawSteps();
  for (const screen of document.querySelectorAll(".screen")) screen.scrollTop = screen.scrollHeight;
  byId("messages").scrollTop = byId("messages").scrollHeight;
}

byId("start").addEventListener("click", () => {
  post(`people/telegram/${session.person}/${byId("start").textContent === "Unblock" ? "unblock" : "start"}`);
});
byId("steps-hide").addEventListener("click", () => { localStorage.setItem("looked", "hidden"); drawSteps(); });
for (const tab of document.querySelectorAll("[data-show]")) tab.addEventListener("click", () => show(tab.dataset.show));
for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.addEventListener("click", () => byId(opener.dataset.opens).showModal());
}
for (const closer of document.querySelectorAll("[data-closes]")) {
  closer.addEventListener("click", () => byId(closer.dataset.closes).close());
}
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.simulate[open]")) if (!open.contains(event.target)) open.open = false;
});

listenToChat();
listen();
