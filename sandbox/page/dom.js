// Elements, and lists of elements that are kept in step with what the sandbox knows.

export const byId = (id) => document.getElementById(id);

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

// An element is made anew only when what it shows has changed. One with a `renew` of its own takes the change itself.
export function sync(container, items, key, make) {
  const old = new Map([...container.children].map((node) => [node.dataset.key, node]));
  let before = null;
  for (const item of items) {
    const id = String(key(item));
    const signature = JSON.stringify(item);
    let node = old.get(id);
    old.delete(id);
    if (!node || node.signature !== signature) {
      if (node && node.renew) {
        node.renew(item);
      } else {
        const fresh = make(item);
        fresh.dataset.key = id;
        if (node) replace(node, fresh);
        node = fresh;
      }
      node.signature = signature;
    }
    const place = before ? before.nextSibling : container.firstChild;
    if (place !== node) container.insertBefore(node, place);
    before = node;
  }
  for (const node of old.values()) node.remove();
}

// Those who work with the keyboard stay on the button that has just been drawn anew.
function replace(node, fresh) {
  const place = [...node.querySelectorAll("button, a")].indexOf(document.activeElement);
  const whole = node === document.activeElement;
  node.replaceWith(fresh);
  if (whole) fresh.focus({ preventScroll: true });
  if (place >= 0) fresh.querySelectorAll("button, a")[place]?.focus({ preventScroll: true });
}
