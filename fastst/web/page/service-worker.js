// Adds to each answer of this folder the headers that isolate the page from other origins, and one that has the
// browser refuse the thread that paints any connection elsewhere, as index.html does for the page. It keeps nothing.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  if (new URL(event.request.url).origin === location.origin) event.respondWith(isolated(event.request));
});

async function isolated(request) {
  const answer = await fetch(request);
  if (answer.status === 0) return answer;
  const headers = new Headers(answer.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  headers.append("Content-Security-Policy", "connect-src 'self'");
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
