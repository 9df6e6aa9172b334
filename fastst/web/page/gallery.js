// The styles to choose from, and what the chosen one is mixed with.

const list = document.getElementById("styles");
const mix = document.getElementById("mix");
const second = document.getElementById("second");
const share = document.getElementById("share");
const shares = document.getElementById("shares");
let styles = [];

/** Show the styles, and call back when another is chosen: at once, or `isMoving` while the slider is. */
export function showStyles(found, onChange) {
  styles = found;
  list.append(...styles.map(entry));
  list.addEventListener("change", () => { offerPartners(); onChange({ isMoving: false }); });
  second.addEventListener("change", () => { tellShares(); onChange({ isMoving: false }); });
  share.addEventListener("input", () => { tellShares(); onChange({ isMoving: true }); });
  share.addEventListener("change", () => onChange({ isMoving: false }));
  offerPartners();
}

/** Return the networks to paint with, for a `kind` of picture, "photo" or "live", with their shares. */
export function partsFor(kind) {
  const part = share.valueAsNumber / 100;
  const parts = [{ ...first()[kind], share: partner() ? 1 - part : 1 }];
  if (partner()) parts.push({ ...partner()[kind], share: part });
  return parts;
}

/** Return the chosen style's name, or both names, for a file. */
export function chosenName() {
  return partner() ? `${first().name}-${partner().name}` : first().name;
}

function entry(style, number) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "style", value: style.name, checked: number === 0 });
  const image = document.createElement("img");
  Object.assign(image, { src: `thumbnails/${style.name}.jpg`, alt: "", width: 160, height: 160 });
  const title = document.createElement("span");
  title.textContent = style.title;
  label.title = [style.title, style.painter, style.year].filter(Boolean).join(", ");
  label.append(input, image, title);
  return label;
}

function first() {
  return styles.find((style) => style.name === list.querySelector("input:checked").value);
}

function partner() {
  return styles.find((style) => style.name === second.value);
}

/** Offer what can be mixed with the chosen style: networks of one descent. */
function offerPartners() {
  const chosen = first(), before = second.value;
  const fits = (style) => ["photo", "live"].every((kind) => style[kind].family === chosen[kind].family);
  const others = styles.filter((style) => style !== chosen && fits(style));
  second.replaceChildren(new Option("nothing", ""), ...others.map((style) => new Option(style.title, style.name)));
  if (others.some((style) => style.name === before)) second.value = before;
  mix.disabled = !others.length;
  tellShares();
}

function tellShares() {
  share.hidden = shares.hidden = !partner();
  if (!partner()) return;
  shares.value = `${first().title} ${100 - share.valueAsNumber} %, ${partner().title} ${share.valueAsNumber} %`;
}
