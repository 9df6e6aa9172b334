// The camera, and how large its pictures are painted.

import { pixelsOf } from "./stage.js";

const WANTED = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
const REFUSALS = {
  NotAllowedError: "The camera was not allowed; the browser asks again once the page's permission is reset",
  NotFoundError: "No camera was found",
  NotReadableError: "Another program has the camera",
};
const video = document.getElementById("video");

/** A camera that is on: its newest picture is to be had whenever it is asked for. */
export class Camera {
  #stream;
  #isFresh = true;
  #isMirrored;

  /** Open the camera that looks at the "user" or into the "environment", or whichever there is. */
  static async open(facingMode) {
    if (!navigator.mediaDevices) throw new Error("A browser gives its camera only to pages from https or localhost");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, facingMode }, audio: false });
      video.srcObject = stream;
      await video.play();
      return new Camera(stream);
    } catch (error) {
      throw new Error(REFUSALS[error.name] ?? error.message);
    }
  }

  constructor(stream) {
    this.#stream = stream;
    // Whoever looks at themselves expects a mirror.
    this.#isMirrored = stream.getVideoTracks()[0].getSettings().facingMode !== "environment";
    this.#watch();
  }

  /** Whether there is another to turn to. */
  static async isOneOfSeveral() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter(({ kind }) => kind === "videoinput").length > 1;
  }

  get isOn() {
    return this.#stream.active;
  }

  close() {
    this.#stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }

  /** Return the pixels of a picture that was not had before, its long side `side`; waits for one. */
  async next(side) {
    while (this.isOn && !this.#isFresh) await new Promise((resolve) => setTimeout(resolve, 2));
    this.#isFresh = false;
    const factor = side / Math.max(video.videoWidth, video.videoHeight);
    const [width, height] = [video.videoWidth, video.videoHeight].map((length) => Math.round(factor * length));
    return pixelsOf(video, width, height, this.#isMirrored);
  }

  #watch() {
    const ask = video.requestVideoFrameCallback?.bind(video) ?? requestAnimationFrame;
    ask(() => {
      this.#isFresh = true;
      if (this.isOn) this.#watch();
    });
  }
}

const SIDES = [128, 160, 192, 224, 256, 320, 384, 448, 512, 640];
const FIRST = 256; // what two cores held when it was measured, see docs/web.md
const FPS = 15;
const FRAMES = 12; // between two looks at the time
const UNSETTLED = 2; // frames after a change that tell nothing
const MARGIN = 0.85; // a larger size must be expected to take only so much of the time,
const LOOKS = 4; // and so many times in a row: strokes that change their size now and then would be seen

/** The largest long side that holds the wanted frames a second on this machine, found while it runs. */
export class WorkingSize {
  side = FIRST;
  isTooSlow = false; // at the smallest size
  #times = [];
  #seen = 0;
  #roomy = 0;

  /** Take into account how long a frame took. */
  learn(milliseconds) {
    if (++this.#seen <= UNSETTLED) return;
    this.#times.push(milliseconds);
    if (this.#times.length < FRAMES) return;
    const median = this.#times.sort((a, b) => a - b)[FRAMES >> 1];
    const fits = (side, share) => median * (side / this.side) ** 2 <= (share * 1000) / FPS;
    this.#times = [];
    const larger = SIDES.find((side) => side > this.side);
    this.#roomy = larger && fits(larger, MARGIN) ? this.#roomy + 1 : 0;
    this.isTooSlow = this.side === SIDES[0] && !fits(this.side, 1);
    if (this.#roomy === LOOKS) this.#change(larger);
    else if (!fits(this.side, 1)) this.#change(SIDES.findLast((side) => fits(side, 1)) ?? SIDES[0]);
  }

  #change(side) {
    this.side = side;
    this.#roomy = this.#seen = 0;
  }
}
