// Shapes of a drawing, and ways between two circles of one radius.

const SVG = "http://www.w3.org/2000/svg";
const ARROW = 9; // pixels that an arrow's head takes
const ASIDE = 7; // that a direction's lane lies beside its link
const BOW = 0.1; // of its length, that a bow stands out

export function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const lines = (path) => path.map(({ x, y }, number) => `${number ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

const distance = (from, to) => Math.hypot(to.x - from.x, to.y - from.y);

/** A point so far along the straight way from one to another, and so far to the right of it. */
function beside(from, to, along, aside) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  return { x: from.x + ux * along - uy * aside, y: from.y + uy * along + ux * aside };
}

/** The path of a lane, to the right of the way. */
export const lane = (from, to, radius) => lines([beside(from, to, radius, ASIDE), beside(to, from, radius + ARROW, -ASIDE)]);

/** The path of a bow beside the way, on the side where it keeps farther away from `others`, and the middle of it. */
export function bow(from, to, radius, others) {
  const length = distance(from, to);
  const middles = [-1, 1].map((side) => beside(from, to, length / 2, side * BOW * length));
  const [left, right] = middles.map((middle) => Math.min(...others.map((other) => distance(middle, other))));
  const side = right > left ? 1 : -1;
  const [start, end] = [beside(from, to, radius, (side * radius) / 2), beside(to, from, radius + ARROW, (-side * radius) / 2)];
  const pull = beside(from, to, length / 2, 2 * side * BOW * length); // the bow goes half as far as it is pulled
  const path = `${lines([start])}Q${pull.x.toFixed(1)} ${pull.y.toFixed(1)} ${end.x.toFixed(1)} ${end.y.toFixed(1)}`;
  return { path, middle: side < 0 ? middles[0] : middles[1] };
}
