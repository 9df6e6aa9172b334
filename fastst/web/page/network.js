// The networks, run by onnxruntime-web: on WebGPU where there is one, else in WebAssembly on all cores.

import { fetchBytes } from "./weights.js";

const MOST_THREADS = 8;
const RUNTIMES = {
  webgpu: { module: "./runtime/webgpu.js", packed: "runtime/webgpu.gz", providers: ["webgpu", "wasm"] },
  wasm: { module: "./runtime/wasm.js", packed: "runtime/wasm.gz", providers: ["wasm"] },
};

/** Start the runtime that suits this browser, unless `kindAsked`, "wasm" or "webgpu", and `threadsAsked` say. */
export async function startRuntime(kindAsked, threadsAsked) {
  const kind = kindAsked ?? ((await hasWebGpu()) ? "webgpu" : "wasm");
  const { module, packed, providers } = RUNTIMES[kind];
  const [ort, binary] = await Promise.all([import(module), unpacked(packed)]);
  const cores = Math.min(threadsAsked || navigator.hardwareConcurrency || 1, MOST_THREADS);
  const threads = self.crossOriginIsolated ? cores : 1;
  ort.env.logLevel = "error";
  ort.env.wasm.wasmBinary = binary;
  ort.env.wasm.numThreads = threads;
  return { ort, providers, kind, threads };
}

/** A graph made ready, whose weights are given with each picture. */
export class Network {
  static async load(runtime, file) {
    const graph = new Uint8Array(await fetchBytes(file));
    const options = { executionProviders: runtime.providers };
    return new Network(runtime.ort, await runtime.ort.InferenceSession.create(graph, options));
  }

  constructor(ort, session) {
    this.ort = ort;
    this.session = session;
    const [image, ...weights] = session.inputMetadata;
    this.image = image.name;
    this.weights = weights.map(({ name, shape }) => ({ name, shape, size: shape.reduce((a, b) => a * b, 1) }));
  }

  /** Paint planes, (3, H, W) in [0, 1], with a style's weights, float32; returns the same shape. */
  async run(planes, width, height, weights) {
    const feeds = { [this.image]: new this.ort.Tensor("float32", planes, [1, 3, height, width]) };
    let start = 0;
    for (const { name, shape, size } of this.weights) {
      feeds[name] = new this.ort.Tensor("float32", weights.subarray(start, start + size), shape);
      start += size;
    }
    const outputs = await this.session.run(feeds);
    return outputs[this.session.outputNames[0]].data;
  }
}

async function hasWebGpu() {
  try {
    return Boolean(await navigator.gpu?.requestAdapter());
  } catch {
    return false;
  }
}

/** Fetch packed bytes; some hosts say that a file is packed, and the browser unpacks it on the way. */
async function unpacked(file) {
  const bytes = await fetchBytes(file);
  const [first, second] = new Uint8Array(bytes, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
