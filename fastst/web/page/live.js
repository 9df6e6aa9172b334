// The camera, painted picture by picture for as long as it is on.

import { Camera, WorkingSize } from "./camera.js";
import { paint, restart } from "./painter.js";
import { show } from "./stage.js";

const SECONDS = 2; // that the frames a second are counted over

/**
 * Paint the camera until it is closed.
 *
 * `facing`: which camera, "user" or "environment". `partsNow` returns the networks to paint the next picture with.
 * `onCamera` is given the camera once it is on, and `onPicture` each picture as it was painted, with the frames a second.
 */
export async function paintCamera({ facing, partsNow, onCamera, onPicture }) {
  const camera = await Camera.open(facing);
  onCamera(camera);
  const size = new WorkingSize();
  const shown = [];
  let isAlone = false;
  try {
    for (let film = "begins"; camera.isOn; film = "goes on") {
      const source = await camera.next(size.side);
      if (!camera.isOn) break;
      const start = performance.now();
      const painted = await paint(new ImageData(source.data.slice(), source.width), { parts: partsNow(), film });
      if (!camera.isOn) break;
      show(source, new ImageData(painted.rgba, painted.width));
      size.learn(performance.now() - start);
      onPicture(painted, framesASecond(shown));
      if (size.isTooSlow && painted.threads > 1) {
        // Where other work has the cores, threads wait for one another longer than they save.
        restart(1);
        isAlone = true;
        size.isTooSlow = false;
      }
    }
  } finally {
    camera.close();
    if (isAlone) restart(0);
  }
}

function framesASecond(shown) {
  const now = performance.now();
  shown.push(now);
  while (now - shown[0] > 1000 * SECONDS) shown.shift();
  return shown.length > 1 ? (1000 * (shown.length - 1)) / (now - shown[0]) : 0;
}
