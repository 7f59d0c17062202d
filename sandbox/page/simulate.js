// Levers for trying things out: who is at the page, the language of their app, and what Meta does to the shop's account.
import { byId, element, sync } from "/page/dom.js";
import { avatar } from "/page/avatar.js";
import { post, session } from "/page/session.js";

const LANGUAGES = { en: "English", ru: "Русский" };
const TEMPLATE = "visit_reminder";
// What the page knows of it, off, on, its hint.
const SWITCHES = [
  { name: "account", is: (account) => account.barred, off: ["ban", "Ban the account"], on: ["reinstate", "Reinstate the account"] },
  {
    name: "template", is: (account) => account.paused.includes(TEMPLATE), hint: TEMPLATE,
    off: ["pause-template", "Pause a template"], on: ["approve-template", "Approve the template"],
  },
  { name: "number", is: (account) => account.flagged, off: ["flag-number", "Flag the number"], on: ["unflag-number", "Unflag the number"] },
];

export function drawSimulate(become) {
  const { person, state } = session;
  const people = state.people.map((one) => ({ ...one, here: one.id === person }));
  sync(byId("people"), people, (one) => one.id, (one) => element(
    "button",
    { type: "button", "aria-pressed": String(one.here), "data-testid": `person-${one.id}`, on: { click: () => become(one.id) } },
    avatar(one.name), element("span", {}, element("strong", {}, one.name), element("small", {}, one.role)),
  ));
  const me = state.people.find((one) => one.id === person);
  const languages = Object.entries(LANGUAGES).map(([code, name]) => ({ code, name, here: me && me.language === code }));
  sync(byId("languages"), languages, (one) => one.code, (one) => element(
    "button",
    {
      type: "button", lang: one.code, "aria-pressed": String(one.here), "data-testid": `language-${one.code}`,
      on: { click: () => post("language", { person: session.person, language: one.code }) },
    },
    one.name,
  ));
  const switches = SWITCHES.map(({ name, is }) => ({ name, on: is(state.account) }));
  sync(byId("account"), switches, (one) => one.name, switchButton);
}

function switchButton(item) {
  const found = SWITCHES.find((one) => one.name === item.name);
  const [action, label] = item.on ? found.on : found.off;
  const press = () => post(`whatsapp/${action}`, { template: TEMPLATE });
  return element(
    "button", { type: "button", "data-testid": `account-${item.name}`, title: found.hint, on: { click: press } }, label,
  );
}
