// Threads need a page that is isolated from other origins, which two headers ask for. Where the host does not send
// them, a service worker adds them, and the page is loaded once more. Without either it works, on one thread.
"use strict";

const TRIED = "fastst: isolation was tried";
const PATIENCE = 4000; // milliseconds

if (location.protocol === "file:") {
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("status").textContent =
      "A browser runs this page only from a web server; in its folder, `python -m http.server` is one.";
  });
} else if (!self.crossOriginIsolated && navigator.serviceWorker && !sessionStorage.getItem(TRIED)) {
  sessionStorage.setItem(TRIED, "yes");
  // The page waits for this before it fetches anything large, and is loaded anew before this is settled.
  self.isolating = new Promise((goOn) => {
    setTimeout(goOn, PATIENCE);
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    navigator.serviceWorker.register("service-worker.js").then((registration) => {
      // A reload that passed the worker by, such as with Shift, left it in place but not in charge.
      if (registration.active && !navigator.serviceWorker.controller) location.reload();
    }, goOn);
  });
}
