// Hands pictures to the thread that paints, and gives back what it painted.

const waiting = new Map();
let last = 0;
let worker = started(location.search);

/** Begin again with another number of threads, 0 for as many as there are cores; what waits is given up. */
export function restart(threads) {
  worker.terminate();
  giveUp("the painter began again");
  const query = new URLSearchParams(location.search);
  if (threads) query.set("threads", threads);
  worker = started(`?${query}`);
}

function started(query) {
  const begun = new Worker(`worker.js${query}`, { type: "module" });
  begun.onmessage = ({ data: { id, painted, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(painted);
  };
  begun.onerror = (event) => giveUp(event.message || "the painter could not be started");
  return begun;
}

function giveUp(reason) {
  for (const { reject } of waiting.values()) reject(new Error(reason));
  waiting.clear();
}

/** Paint one picture, ImageData, whose bytes go along and are gone here; see worker.js for the rest. */
export function paint(picture, { parts, film = null }) {
  const id = ++last;
  const { data: rgba, width, height } = picture;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, job: { rgba, width, height, parts, film } }, [rgba.buffer]);
  });
}
