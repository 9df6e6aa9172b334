// The page: what is chosen is painted, and painted again when the choice changes.

import { chosenName, partsFor, showStyles } from "./gallery.js";
import { paintCamera } from "./live.js";
import { paint } from "./painter.js";
import { decoded, onPhoto, pixelsWithin } from "./photo.js";
import { asPng, show } from "./stage.js";

const KINDS = { wasm: "WebAssembly", webgpu: "WebGPU" };
const TELLS_EVERY = 500; // milliseconds between two lines about the camera
const [busy, button, download, side, size, status] = ["busy", "camera", "download", "side", "size", "status"].map(
  (id) => document.getElementById(id),
);
let photo = null;
let camera = null;
let asked = 0;
let isPainting = false;

function tell(text, isWrong = false) {
  status.textContent = text;
  status.classList.toggle("wrong", isWrong);
}

async function takePhoto(blob, name) {
  try {
    const bitmap = await decoded(blob);
    camera?.close();
    photo = { bitmap, name: name.replace(/\.[^.]*$/, "") || "photo" };
    show(pixelsWithin(bitmap, Number(side.value)));
    await paintPhoto();
  } catch (error) {
    tell(error.message, true);
  }
}

/** Paint the photo as it is chosen now; what is asked for meanwhile is painted next, and only the last of it. */
async function paintPhoto() {
  asked++;
  if (isPainting || camera) return;
  isPainting = true;
  busy.hidden = false;
  try {
    for (let done = 0; done !== asked && !camera; ) {
      done = asked;
      const source = pixelsWithin(photo.bitmap, Number(side.value));
      const painted = await paint(new ImageData(source.data.slice(), source.width), { parts: partsFor("photo") });
      if (camera) break;
      show(source, new ImageData(painted.rgba, painted.width));
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

async function toggleCamera() {
  if (camera) {
    camera.close();
    return;
  }
  button.disabled = true;
  try {
    let told = 0;
    await paintCamera({
      partsNow: () => partsFor("live"),
      onCamera: (opened) => setCamera(opened),
      onPicture: (painted, fps) => {
        download.disabled = false;
        if (performance.now() - told < TELLS_EVERY) return;
        told = performance.now();
        tell(`${fps.toFixed(1)} a second, ${where(painted)}`);
      },
    });
    setCamera(null);
    await paintPhoto();
  } catch (error) {
    setCamera(null);
    tell(error.message, true);
  }
}

function setCamera(opened) {
  camera = opened;
  button.disabled = false;
  button.setAttribute("aria-pressed", String(Boolean(opened)));
  size.disabled = Boolean(opened);
}

function where({ width, height, runtime, threads }) {
  const on = runtime === "webgpu" ? "" : threads > 1 ? ` on ${threads} threads` : " on one thread";
  return `${width} × ${height} px, ${KINDS[runtime]}${on}`;
}

async function save() {
  const link = document.createElement("a");
  link.download = `${camera ? "camera" : photo.name}.${chosenName()}.png`;
  link.href = URL.createObjectURL(await asPng());
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function open() {
  await self.isolating; // see isolation.js
  const [{ styles }, sample] = await Promise.all(
    ["styles.json", "sample.jpg"].map(async (file) => {
      const answer = await fetch(file);
      if (!answer.ok) throw new Error(`${file} is missing; export the page again`);
      return file.endsWith(".json") ? answer.json() : answer.blob();
    }),
  );
  // The camera's next picture takes up any change by itself.
  showStyles(styles, ({ isMoving }) => { if (!isMoving) paintPhoto(); });
  onPhoto((file) => takePhoto(file, file.name));
  side.addEventListener("change", paintPhoto);
  button.addEventListener("click", toggleCamera);
  download.addEventListener("click", save);
  await takePhoto(sample, "sample");
}

open().catch((error) => tell(error.message, true));
