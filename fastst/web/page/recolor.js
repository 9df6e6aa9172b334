// The photo in the painting's colors, as fastst/networks/recolor.py has it: the linear map that moves the photo's
// mean and covariance of RGB to the painting's and colors least (Pitié & Kokaram 2007). Matrices are nine numbers.

const FLAT = 2e-3; // added to the photo's covariance, so that a flat photo is not blown up
const ITERATIONS = 18;
const NEWS = 0.1; // what a new frame adds to a film's running colors
const CUT = 0.5; // colors that differ by more than this share of their spread are another scene's
const LEAST_SPREAD = 0.05;

/** Return mean and covariance of RGB in [0, 1] over RGBA bytes, of one pixel in `step` a row and a column. */
export function colorStatistics(rgba, width, height, step = 1) {
  const sum = [0, 0, 0];
  const products = [0, 0, 0, 0, 0, 0];
  let count = 0;
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const at = 4 * (y * width + x);
      const r = rgba[at], g = rgba[at + 1], b = rgba[at + 2];
      sum[0] += r; sum[1] += g; sum[2] += b;
      products[0] += r * r; products[1] += r * g; products[2] += r * b;
      products[3] += g * g; products[4] += g * b; products[5] += b * b;
      count++;
    }
  }
  const mean = sum.map((value) => value / count / 255);
  // Sums of bytes are whole numbers, exact in double precision.
  const of = (i, r, c) => products[i] / count / 255 ** 2 - mean[r] * mean[c];
  const [rr, rg, rb, gg, gb, bb] = [of(0, 0, 0), of(1, 0, 1), of(2, 0, 2), of(3, 1, 1), of(4, 1, 2), of(5, 2, 2)];
  return { mean, covariance: [rr, rg, rb, rg, gg, gb, rb, gb, bb] };
}

/** The colors that a film's frames are recolored by: their running mean, which begins anew at a cut. */
export class FilmColors {
  running = null;

  next(rgba, width, height) {
    const now = colorStatistics(rgba, width, height, 4);
    const before = this.running;
    const lerp = (old, fresh) => old.map((value, i) => value + NEWS * (fresh[i] - value));
    this.running = !before || areFarApart(now, before)
      ? now
      : { mean: lerp(before.mean, now.mean), covariance: lerp(before.covariance, now.covariance) };
    return this.running;
  }
}

/** Return the map x ↦ A x + b from a photo's colors to a painting's, as `{ matrix, shift }`. */
export function colorMap(photo, painting) {
  const { root } = painting;
  const flattened = photo.covariance.map((value, i) => value + (i % 4 ? 0 : FLAT));
  const whitened = product(product(root, flattened), root);
  const matrix = product(product(root, inverseRoot(whitened)), root);
  const moved = [0, 1, 2].map((r) => photo.mean.reduce((sum, value, c) => sum + matrix[3 * r + c] * value, 0));
  return { matrix, shift: painting.mean.map((value, r) => value - moved[r]) };
}

function areFarApart(now, before) {
  const norm = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]));
  const spread = Math.sqrt(before.covariance[0] + before.covariance[4] + before.covariance[8]) + LEAST_SPREAD;
  const changed = Math.sqrt(norm(now.covariance, before.covariance));
  return Math.max(norm(now.mean, before.mean), changed) > CUT * spread;
}

function product(a, b) {
  return a.map((_, i) => {
    const r = 3 * Math.floor(i / 3), c = i % 3;
    return a[r] * b[c] + a[r + 1] * b[c + 3] + a[r + 2] * b[c + 6];
  });
}

/** M^−½ of a symmetric positive matrix by the coupled Newton–Schulz iteration (Higham 2008, equation 6.35). */
function inverseRoot(matrix) {
  const scale = Math.max(matrix[0] + matrix[4] + matrix[8], 1e-12);
  let root = matrix.map((value) => value / scale);
  let inverse = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  for (let i = 0; i < ITERATIONS; i++) {
    const correction = product(inverse, root).map((value, at) => (at % 4 ? 0 : 1.5) - 0.5 * value);
    [root, inverse] = [product(root, correction), product(correction, inverse)];
  }
  return inverse.map((value) => value / Math.sqrt(scale));
}
