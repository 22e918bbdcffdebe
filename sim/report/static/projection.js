// Where places lie on a map: a degree is so many pixels everywhere (equirectangular). Pure.

const PAD = { x: 70, y: 54 }; // pixels around the outermost places, for their circles and names; half as many at the sides of a phone
const HEIGHT = { least: 240, most: 440, each: 36 }; // pixels, and for each place
const TALLEST = 2; // of a degree, to its width: a narrow map is stretched so far
const LEAST_SPAN = 40; // degrees: one place alone is shown with its surroundings
const ROUNDS = 80;

/** The longitude at which the map begins: behind the widest gap between places, so that no neighbours are parted. */
function westOf(longitudes) {
  const sorted = [...longitudes].sort((one, other) => one - other);
  const gaps = sorted.map((longitude, number) => (number ? longitude - sorted[number - 1] : longitude + 360 - sorted.at(-1)));
  return sorted[gaps.indexOf(Math.max(...gaps))];
}

/** A map of `width` pixels that shows all of these `[latitude, longitude]`: its `height`, pixels a degree from west to
 *  east as `scale`, and `x` and `y` of degrees. Longitudes may go beyond 180. */
export function projection(places, width) {
  const west = westOf(places.map(([, longitude]) => longitude));
  const eastward = (longitude) => (longitude < west ? longitude + 360 : longitude);
  const longitudes = places.map(([, longitude]) => eastward(longitude));
  const latitudes = places.map(([latitude]) => latitude);
  const span = (values) => Math.max(...values) - Math.min(...values);
  const middle = (values) => (Math.max(...values) + Math.min(...values)) / 2;
  const side = Math.min(PAD.x, width / 8);
  const tallest = (HEIGHT.most - 2 * PAD.y) / Math.max(span(latitudes), 1);
  const scale = Math.min((width - 2 * side) / Math.max(span(longitudes), LEAST_SPAN), tallest);
  const least = Math.min(HEIGHT.most, Math.max(HEIGHT.least, HEIGHT.each * places.length));
  const stretched = (least - 2 * PAD.y) / (span(latitudes) * scale || 1);
  const high = Math.min(tallest, scale * Math.min(TALLEST, Math.max(1, stretched)));
  const height = Math.min(HEIGHT.most, Math.max(least, span(latitudes) * high + 2 * PAD.y));
  const [x0, y0] = [middle(longitudes), middle(latitudes)];
  return {
    width,
    height,
    scale,
    x: (longitude) => width / 2 + (longitude - x0) * scale,
    y: (latitude) => height / 2 - (latitude - y0) * high,
    place: ([latitude, longitude]) => ({
      x: width / 2 + (eastward(longitude) - x0) * scale,
      y: height / 2 - (latitude - y0) * high,
    }),
  };
}

/** Points that stand `least` pixels apart where there is room, each as near as may be to where it was, all of them
 *  `edge` pixels inside the box: neighbours on the globe would cover each other. */
export function apart(points, least, { width, height }, edge) {
  const placed = points.map((point) => ({ ...point }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [number, one] of placed.entries()) {
      for (const other of placed.slice(number + 1)) {
        const [dx, dy] = [other.x - one.x || 0.01, other.y - one.y];
        const distance = Math.hypot(dx, dy);
        const push = Math.max(0, least - distance) / 2 / distance;
        one.x -= dx * push;
        one.y -= dy * push;
        other.x += dx * push;
        other.y += dy * push;
      }
    }
    for (const point of placed) {
      point.x = Math.min(width - edge, Math.max(edge, point.x));
      point.y = Math.min(height - edge, Math.max(edge, point.y));
    }
  }
  return placed;
}

/** Points on an ellipse, the first at the left: where nobody knows where they are. */
export function around(count, width) {
  const height = HEIGHT.least;
  const reach = count > 1 ? { x: Math.min(width / 2 - PAD.x, 220), y: height / 2 - PAD.y } : { x: 0, y: 0 };
  const points = Array.from({ length: count }, (_, number) => {
    const angle = (2 * Math.PI * number) / count - Math.PI;
    return { x: width / 2 + reach.x * Math.cos(angle), y: height / 2 + reach.y * Math.sin(angle) };
  });
  return { width, height, points };
}
