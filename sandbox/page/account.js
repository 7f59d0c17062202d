// What Meta may do to the shop's account on WhatsApp, as switches: [what the page knows of it, off, on, its hint].
import { element } from "/page/render.js";

const TEMPLATE = "visit_reminder";
const SWITCHES = [
  { name: "account", is: (account) => account.barred, off: ["ban", "Ban account"], on: ["reinstate", "Reinstate account"] },
  {
    name: "template", is: (account) => account.paused.includes(TEMPLATE), hint: TEMPLATE,
    off: ["pause-template", "Pause template"], on: ["approve-template", "Approve template"],
  },
  { name: "number", is: (account) => account.flagged, off: ["flag-number", "Flag number"], on: ["unflag-number", "Unflag number"] },
];

export function switches(account) {
  return SWITCHES.map(({ name, is }) => ({ name, on: is(account) }));
}

export function switchButton(item, post) {
  const found = SWITCHES.find((one) => one.name === item.name);
  const [action, label] = item.on ? found.on : found.off;
  const press = () => post(`whatsapp/${action}`, { template: TEMPLATE });
  return element(
    "button",
    { type: "button", class: "act", "data-testid": `account-${item.name}`, title: found.hint, on: { click: press } },
    label,
  );
}
