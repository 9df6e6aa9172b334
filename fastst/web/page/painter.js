// Hands pictures to the thread that paints, and gives back what it painted.

const worker = new Worker(`worker.js${location.search}`, { type: "module" });
const waiting = new Map();
let last = 0;

worker.onmessage = ({ data: { id, painted, error } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error) reject(new Error(error));
  else resolve(painted);
};

worker.onerror = (event) => {
  for (const { reject } of waiting.values()) reject(new Error(event.message || "the painter could not be started"));
  waiting.clear();
};

/** Paint one picture, ImageData, whose bytes go along and are gone here; see worker.js for the rest. */
export function paint(picture, { parts, film = null }) {
  const id = ++last;
  const { data: rgba, width, height } = picture;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, job: { rgba, width, height, parts, film } }, [rgba.buffer]);
  });
}
