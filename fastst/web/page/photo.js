// Photos: chosen, dropped or pasted, and brought to the size that they are painted at.

import { pixelsOf } from "./stage.js";

const stage = document.getElementById("stage");
const file = document.getElementById("file");

/** Call back with each picture file that is chosen, dropped anywhere on the page, or pasted. */
export function onPhoto(take) {
  const first = (files) => {
    const found = [...(files ?? [])].find((each) => each.type.startsWith("image/"));
    if (found) take(found);
  };
  file.addEventListener("change", () => { first(file.files); file.value = ""; });
  addEventListener("paste", (event) => first(event.clipboardData?.files));
  addEventListener("dragover", (event) => { event.preventDefault(); stage.classList.add("over"); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) stage.classList.remove("over"); });
  addEventListener("drop", (event) => {
    event.preventDefault();
    stage.classList.remove("over");
    first(event.dataTransfer?.files);
  });
}

/** Decode a picture file, turned upright. */
export async function decoded(blob) {
  try {
    return await createImageBitmap(blob);
  } catch {
    throw new Error("This browser cannot open that picture; try a JPEG or PNG");
  }
}

/** Return a picture's pixels with a long side of at most `side`; smaller ones keep their own. */
export function pixelsWithin(bitmap, side) {
  const factor = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(8, Math.round(factor * bitmap.width));
  const height = Math.max(8, Math.round(factor * bitmap.height));
  return pixelsOf(bitmap, width, height);
}
