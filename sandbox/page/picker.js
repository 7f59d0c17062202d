// The dialog in which somebody is chosen: for Telegram's request buttons, contact cards and links that somebody opens.
import { avatar } from "/page/avatar.js";
import { byId, element } from "/page/dom.js";
import { session } from "/page/session.js";

// Resolves to the ids chosen; to none when the dialog is closed.
export function choosePeople(title, { most = 1, except = [] } = {}) {
  const dialog = byId("picker");
  const people = session.state.contacts.filter((one) => !except.includes(one.id));
  const chosen = new Set();
  byId("picker-title").textContent = title;
  byId("picker-done").hidden = most === 1;
  byId("picker-done").disabled = true;
  return new Promise((resolve) => {
    const finish = () => { dialog.onclose = null; dialog.close(); resolve([...chosen]); };
    const choose = (id, row) => {
      if (chosen.has(id)) chosen.delete(id);
      else if (chosen.size < most) chosen.add(id);
      if (most === 1) { finish(); return; }
      row.setAttribute("aria-pressed", String(chosen.has(id)));
      byId("picker-done").disabled = !chosen.size;
    };
    byId("picker-people").replaceChildren(...people.map(({ id, name, phone_number: number }) => {
      const row = element(
        "button", { type: "button", "aria-pressed": most > 1 ? "false" : null, "data-testid": `pick-${id}` },
        avatar(name), element("span", {}, element("strong", {}, name), element("small", {}, number)),
      );
      row.addEventListener("click", () => choose(id, row));
      return row;
    }));
    byId("picker-done").onclick = finish;
    dialog.onclose = () => { dialog.onclose = null; resolve([]); };
    dialog.showModal();
  });
}
