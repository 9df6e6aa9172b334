// The picture on the page: painted, or as it was while it is held.

const canvas = document.getElementById("picture");
const context = canvas.getContext("2d");
const hidden = document.createElement("canvas");
let painted = null;
let source = null;
let isHeld = false;

/** Return a picture's pixels at a size, on white where it is transparent; `isMirrored` turns left and right. */
export function pixelsOf(picture, width, height, isMirrored = false) {
  hidden.width = width;
  hidden.height = height;
  const drawing = hidden.getContext("2d", { willReadFrequently: true });
  drawing.fillStyle = "white";
  drawing.fillRect(0, 0, width, height);
  drawing.imageSmoothingQuality = "high";
  if (isMirrored) drawing.setTransform(-1, 0, 0, 1, width, 0);
  drawing.drawImage(picture, 0, 0, width, height);
  return drawing.getImageData(0, 0, width, height);
}

/** Show what was painted, and keep what it was painted from, both ImageData; without the former, the latter. */
export function show(newSource, newPainted = null) {
  [source, painted] = [newSource, newPainted];
  draw();
}

/** Return what is shown, painted, as a PNG. */
export function asPng() {
  if (painted) put(painted);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function draw() {
  put(isHeld || !painted ? source : painted);
}

function put(picture) {
  if (!picture) return;
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.style.setProperty("--ratio", picture.width / picture.height);
  }
  context.putImageData(picture, 0, 0);
}

function hold(held) {
  if (isHeld === held) return;
  isHeld = held;
  draw();
}

canvas.addEventListener("pointerdown", () => hold(true));
for (const event of ["pointerup", "pointercancel", "pointerleave"]) canvas.addEventListener(event, () => hold(false));
canvas.addEventListener("contextmenu", (event) => { if (isHeld) event.preventDefault(); });
