// A drawn picture for each of the sandbox's people, an initial for everybody else.
import { element } from "/page/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const LOOKS = {
  Ann: { back: "#f4c95d", skin: "#f1c7a5", hair: "#7a4a2a", shirt: "#2f6f8f", style: "bun" },
  Ben: { back: "#9ad0b4", skin: "#c68c63", hair: "#2a211d", shirt: "#355e4b", style: "short" },
  Sam: { back: "#c3b5e6", skin: "#e9b992", hair: "#4a3b34", shirt: "#6a4fa3", style: "cap" },
  Alice: { back: "#f6b8a6", skin: "#f3cfb0", hair: "#b5572f", shirt: "#d9573f", style: "long" },
  Bob: { back: "#a9cdf0", skin: "#e2a87c", hair: "#3b2c25", shirt: "#2d6cb3", style: "beard" },
  Carol: { back: "#f3d6a0", skin: "#8d5a3b", hair: "#241a17", shirt: "#b3542d", style: "curly" },
  Dave: { back: "#bcd8a4", skin: "#f0c4a0", hair: "#c9a15a", shirt: "#50793a", style: "short" },
  Erin: { back: "#e6b5d0", skin: "#f5d5bd", hair: "#5c3a66", shirt: "#a03d78", style: "long" },
  Frank: { back: "#c9ced6", skin: "#d9a27a", hair: "#8b8f96", shirt: "#4d5866", style: "beard" },
};
const FRINGE = "M12.6 17.5C12 9.5 16 7.6 20 7.6s8 1.9 7.4 9.9C25.6 15 24.6 12.6 22.6 11.6 19.6 13 15.8 13 14 13.4 13.4 14.6 13 16 12.6 17.5Z";
const HAIR = {
  short: [["path", { d: FRINGE }]],
  bun: [["circle", { cx: 20, cy: 6.4, r: 3.4 }], ["path", { d: FRINGE }]],
  long: [["path", { d: FRINGE }]],
  curly: [["path", { d: "M12.8 15.4C13 10.5 16 9 20 9s7 1.5 7.2 6.4C25 14 24 12.4 20 12.4s-5 1.6-7.2 3Z" }]],
  cap: [["path", { d: "M12.4 14.6C12.4 8.6 16 7 20 7s7.6 1.6 7.6 7.6h3.6c0 1.4-1 1.8-2 1.8H12.4Z" }]],
  beard: [
    ["path", { d: FRINGE }],
    ["path", { d: "M12.9 18c0 7.6 3.8 9.4 7.1 9.4s7.1-1.8 7.1-9.4c-1.6 3.2-3.4 2.6-7.1 2.6s-5.5.6-7.1-2.6Z" }],
  ],
};
const BEHIND = {
  long: [["rect", { x: 11, y: 8.4, width: 18, height: 22, rx: 8.6 }]],
  curly: [[9.6, 16], [11, 10.6], [15.4, 6.8], [20, 5.6], [24.6, 6.8], [29, 10.6], [30.4, 16], [10.8, 20.6], [29.2, 20.6]]
    .map(([cx, cy]) => ["circle", { cx, cy, r: 4.6 }]),
};

export function avatar(name) {
  const look = LOOKS[name];
  const frame = element("span", { class: "avatar", "aria-hidden": "true" });
  if (!look) {
    frame.textContent = name.slice(0, 1);
    return frame;
  }
  const drawing = shape("svg", { viewBox: "0 0 40 40" });
  const add = (parts, fill) => { for (const [tag, attributes] of parts) drawing.append(shape(tag, { ...attributes, fill })); };
  add([["rect", { width: 40, height: 40 }]], look.back);
  add(BEHIND[look.style] || [], look.hair);
  add([["ellipse", { cx: 20, cy: 39, rx: 13, ry: 10.4 }]], look.shirt);
  add([["rect", { x: 16.8, y: 22, width: 6.4, height: 8, rx: 3 }], ["ellipse", { cx: 20, cy: 17.8, rx: 7.2, ry: 8.2 }]], look.skin);
  add(HAIR[look.style], look.hair);
  add([["circle", { cx: 17.2, cy: 17.6, r: 1 }], ["circle", { cx: 22.8, cy: 17.6, r: 1 }]], "#241c18");
  const smile = { d: "M17.4 21.6q2.6 2.2 5.2 0", fill: "none", stroke: "#7d3b2c", "stroke-width": 1.1, "stroke-linecap": "round" };
  drawing.append(shape("path", smile));
  frame.append(drawing);
  return frame;
}

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
