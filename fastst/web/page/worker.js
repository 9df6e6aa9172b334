// Paints, in a thread of its own, so that the page stays at hand meanwhile.

import { Network, startRuntime } from "./network.js";
import { fromPlanes, toPlanes, UNCHANGED } from "./pixels.js";
import { colorMap, colorStatistics, FilmColors } from "./recolor.js";
import { mean, weightsOf } from "./weights.js";

let runtime = null;
let filmColors = new FilmColors();
let mixed = { key: null, weights: null };
const networks = new Map();
// For tests and measurements: ?runtime=wasm&threads=1.
const forced = new URL(location.href).searchParams;

self.onmessage = async ({ data: { id, job } }) => {
  try {
    const painted = await paint(job);
    self.postMessage({ id, painted }, [painted.rgba.buffer]);
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};

/**
 * Paint one picture.
 *
 * `rgba`, `width`, `height`: the picture, as bytes. `parts`: networks as styles.json tells of them, each with its
 * `share`. `film`: "begins" or "goes on" for frames of a camera, else null.
 */
async function paint(job) {
  runtime ??= await startRuntime(forced.get("runtime"), Number(forced.get("threads")));
  try {
    return await paintOn(runtime, job);
  } catch (error) {
    if (runtime.kind === "wasm") throw error;
    // A GPU that cannot run it, or that was taken away.
    runtime = await startRuntime("wasm", Number(forced.get("threads")));
    networks.clear();
    return paintOn(runtime, job);
  }
}

async function paintOn({ kind, threads }, { rgba, width, height, parts, film }) {
  const [network, weights] = await Promise.all([networkOf(parts[0].graph), mixedWeights(parts)]);
  const start = performance.now();
  const planes = toPlanes(rgba, mapFor(rgba, width, height, parts, film));
  fromPlanes(await network.run(planes, width, height, weights), rgba);
  return { rgba, width, height, milliseconds: performance.now() - start, runtime: kind, threads };
}

function networkOf(graph) {
  if (!networks.has(graph)) {
    const arriving = Network.load(runtime, graph);
    arriving.catch(() => networks.delete(graph)); // the next try asks again
    networks.set(graph, arriving);
  }
  return networks.get(graph);
}

async function mixedWeights(parts) {
  const key = JSON.stringify(parts.map(({ weights, share }) => [weights, share]));
  if (mixed.key !== key) {
    const arrays = await Promise.all(parts.map((part) => weightsOf(part.weights)));
    mixed = { key, weights: mean(arrays, parts.map((part) => part.share)) };
  }
  return mixed.weights;
}

function mapFor(rgba, width, height, parts, film) {
  if (!parts[0].recolor) return UNCHANGED;
  if (film === "begins") filmColors = new FilmColors();
  const photo = film ? filmColors.next(rgba, width, height) : colorStatistics(rgba, width, height);
  const shares = parts.map((part) => part.share);
  const of = (what) => mean(parts.map((part) => part.recolor[what]), shares);
  return colorMap(photo, { mean: Array.from(of("mean")), root: Array.from(of("root")) });
}
