// Between a canvas and a network: RGBA bytes, row by row, and planes of R, G and B in [0, 1].

/** Return the planes of a picture, (3, H, W), each color moved by x ↦ A x + b and kept within [0, 1]. */
export function toPlanes(rgba, map) {
  const count = rgba.length / 4;
  const planes = new Float32Array(3 * count);
  const [a, b, c, d, e, f, g, h, i] = map.matrix.map((value) => value / 255);
  const [p, q, s] = map.shift;
  for (let at = 0, from = 0; at < count; at++, from += 4) {
    const red = rgba[from], green = rgba[from + 1], blue = rgba[from + 2];
    planes[at] = within(a * red + b * green + c * blue + p);
    planes[at + count] = within(d * red + e * green + f * blue + q);
    planes[at + 2 * count] = within(g * red + h * green + i * blue + s);
  }
  return planes;
}

/** Write planes over the colors of RGBA bytes, rounded. */
export function fromPlanes(planes, rgba) {
  const count = rgba.length / 4;
  for (let at = 0, to = 0; at < count; at++, to += 4) {
    rgba[to] = 255 * planes[at];
    rgba[to + 1] = 255 * planes[at + count];
    rgba[to + 2] = 255 * planes[at + 2 * count];
    rgba[to + 3] = 255;
  }
}

export const UNCHANGED = { matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1], shift: [0, 0, 0] };

function within(value) {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
