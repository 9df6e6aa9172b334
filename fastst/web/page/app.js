// The page: what is chosen is painted, and painted again when the choice changes.

import { chosenName, partsFor, showStyles } from "./gallery.js";
import { paint } from "./painter.js";
import { decoded, onPhoto, pixelsWithin } from "./photo.js";
import { asPng, show } from "./stage.js";

const KINDS = { wasm: "WebAssembly", webgpu: "WebGPU" };
const [busy, download, side, status] = ["busy", "download", "side", "status"].map((id) => document.getElementById(id));
let photo = null;
let asked = 0;
let isPainting = false;

function tell(text, isWrong = false) {
  status.textContent = text;
  status.classList.toggle("wrong", isWrong);
}

async function takePhoto(blob, name) {
  try {
    photo = { bitmap: await decoded(blob), name: name.replace(/\.[^.]*$/, "") || "photo" };
    show(pixelsWithin(photo.bitmap, Number(side.value)));
    await paintPhoto();
  } catch (error) {
    tell(error.message, true);
  }
}

/** Paint the photo as it is chosen now; what is asked for meanwhile is painted next, and only the last of it. */
async function paintPhoto() {
  asked++;
  if (isPainting) return;
  isPainting = true;
  busy.hidden = false;
  try {
    for (let done = 0; done !== asked; ) {
      done = asked;
      const source = pixelsWithin(photo.bitmap, Number(side.value));
      const painted = await paint(copyOf(source), { parts: partsFor("photo") });
      show(source, asImage(painted));
      tell(`Painted in ${(painted.milliseconds / 1000).toFixed(1)} s, ${where(painted)}`);
      download.disabled = false;
    }
  } catch (error) {
    tell(error.message, true);
  } finally {
    isPainting = false;
    busy.hidden = true;
  }
}

function copyOf(image) {
  return new ImageData(new Uint8ClampedArray(image.data), image.width, image.height);
}

function asImage({ rgba, width, height }) {
  return new ImageData(rgba, width, height);
}

function where({ width, height, runtime, threads }) {
  const on = runtime === "webgpu" ? "" : threads > 1 ? ` on ${threads} threads` : " on one thread";
  return `${width} × ${height} px, ${KINDS[runtime]}${on}`;
}

async function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await asPng());
  link.download = `${photo.name}.${chosenName()}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function open() {
  const [{ styles }, sample] = await Promise.all(
    ["styles.json", "sample.jpg"].map(async (file) => {
      const answer = await fetch(file);
      if (!answer.ok) throw new Error(`${file} is missing; export the page again`);
      return file.endsWith(".json") ? answer.json() : answer.blob();
    }),
  );
  showStyles(styles, ({ isMoving }) => { if (!isMoving) paintPhoto(); });
  onPhoto((file) => takePhoto(file, file.name));
  side.addEventListener("change", paintPhoto);
  download.addEventListener("click", save);
  await takePhoto(sample, "sample");
}

open().catch((error) => tell(error.message, true));
