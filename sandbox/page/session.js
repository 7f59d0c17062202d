// The person at the page, the last known state of the sandbox, and the calls that people's actions make.
import { byId } from "/page/dom.js";

export const session = { person: Number(localStorage.getItem("person")) || 100, state: null };

let toastTimer = 0;

// Returns the answer, or null after a refusal, which is shown.
export async function post(path, body = {}) {
  const form = body instanceof FormData;
  const headers = form ? {} : { "Content-Type": "application/json" };
  const response = await fetch(`/sandbox/${path}`, { method: "POST", headers, body: form ? body : JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) toast(answer.error);
  return response.ok ? answer : null;
}

export const say = (text, more = {}) => post("say", { person: session.person, text, ...more });

export function toast(text) {
  const box = byId("toast");
  // Over the chat that asked; over the middle of the page where the chat is hidden.
  const chat = document.querySelector(".chat").getBoundingClientRect();
  box.style.left = chat.width ? `${chat.left + chat.width / 2}px` : "";
  box.style.maxWidth = chat.width ? `${chat.width * 0.86}px` : "";
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 3500);
}
