// Weights of styles: fetched once, in half precision, and mixed.

const fetched = new Map();

/** Fetch a file of weights as float32, once. */
export function weightsOf(file) {
  if (!fetched.has(file)) {
    const arriving = fetchBytes(file).then(fromHalf);
    arriving.catch(() => fetched.delete(file)); // the next try asks again
    fetched.set(file, arriving);
  }
  return fetched.get(file);
}

/** Fetch a file of this folder whole. */
export async function fetchBytes(file) {
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`${file} cannot be fetched (${answer.status})`);
  return answer.arrayBuffer();
}

/**
 * Return the mean of several arrays of one length by their shares, which add up to 1. Networks of one descent
 * lie so near to one another that such a mean paints what lies between them.
 */
export function mean(arrays, shares) {
  if (arrays.length === 1) return arrays[0];
  const sum = new Float32Array(arrays[0].length);
  arrays.forEach((array, which) => {
    const share = shares[which];
    for (let i = 0; i < sum.length; i++) sum[i] += share * array[i];
  });
  return sum;
}

/** Turn the bytes of float16 numbers into float32. */
export function fromHalf(bytes) {
  if (typeof Float16Array === "function") return new Float32Array(new Float16Array(bytes));
  return Float32Array.from(new Uint16Array(bytes), single);
}

/** Return the number that 16 bits stand for: a sign, five bits of exponent, ten of fraction. */
export function single(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
