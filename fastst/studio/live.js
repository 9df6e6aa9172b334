// The Live tab in the browser: the camera's newest frame goes to the server, the painted one comes back.
// Two frames are on their way at a time, so that one is sent while the other is painted.
window.faststLive = (() => {
  const inFlight = 2, quality = 0.85, recentMs = 2000, usualSide = 640;
  const address = new URL("live", location.href.replace(/^http/, "ws"));
  const wish = { style: undefined, strength: 1, keep_colors: false, side: null };
  let begun = false, shown = "", side = usualSide, socket = null, camera = null, video = null, sentAt = [], shownAt = [], delays = [];
  const frame = new OffscreenCanvas(1, 1);
  const part = (name) => document.getElementById(`live-${name}`);

  const say = (text) => { part("figures").textContent = text; };

  const tell = () => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(wish));

  function ask(change) {
    Object.assign(wish, change);
    tell();
  }

  function looks(running) {
    part("toggle").textContent = running ? "Stop" : "Start camera";
    part("stage").classList.toggle("running", running);
  }

  async function start() {
    if (!navigator.mediaDevices) {
      say("Browsers give a page the camera only on this machine (127.0.0.1) or over https.");
      return;
    }
    looks(true);
    say("Waiting for the camera");
    try {
      const size = { width: { ideal: side }, height: { ideal: Math.round(side * 0.75) } };
      camera = await navigator.mediaDevices.getUserMedia({ video: size, audio: false });
    } catch (error) {
      stop();
      say(error.name === "NotAllowedError" ? "The camera was not allowed." : "There is no camera to be had.");
      return;
    }
    const facing = camera.getVideoTracks()[0].getSettings().facingMode;
    part("picture").classList.toggle("mirrored", facing !== "environment");
    video = document.createElement("video");
    Object.assign(video, { srcObject: camera, muted: true, playsInline: true });
    await video.play();
    say("Loading the style");
    connect();
  }

  function connect() {
    sentAt = []; shownAt = []; delays = []; begun = false;
    const opened = new WebSocket(address);
    socket = opened;
    opened.binaryType = "blob";
    opened.onopen = tell;
    opened.onmessage = (message) => (message.data instanceof Blob ? show(message.data) : hear(message.data));
    opened.onclose = () => { if (socket === opened) { const said = part("figures").textContent; stop(); say(said); } };
  }

  function hear(text) {
    const news = JSON.parse(text);
    if (news.error) say(news.error);
    if (!news.style) return;
    shown = news.style;
    if (!begun) { begun = true; for (let i = 0; i < inFlight; i++) send(); }
  }

  function send() {
    const from = video;
    from?.requestVideoFrameCallback(async () => {
      if (from !== video || !from.videoWidth) return;
      const at = performance.now();
      const scale = Math.min(1, side / Math.max(from.videoWidth, from.videoHeight));
      frame.width = Math.round(from.videoWidth * scale);
      frame.height = Math.round(from.videoHeight * scale);
      frame.getContext("2d").drawImage(from, 0, 0, frame.width, frame.height);
      const jpeg = await frame.convertToBlob({ type: "image/jpeg", quality });
      if (from !== video || socket?.readyState !== WebSocket.OPEN) return;
      sentAt.push(at);
      socket.send(jpeg);
    });
  }

  async function show(jpeg) {
    send();
    const at = sentAt.shift();
    const picture = await createImageBitmap(jpeg);
    const canvas = part("picture");
    if (!canvas || !video) return;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      Object.assign(canvas, { width: picture.width, height: picture.height });
    }
    canvas.getContext("2d").drawImage(picture, 0, 0);
    picture.close();
    count(at);
  }

  function count(at) {
    const now = performance.now();
    shownAt.push(now);
    delays.push(now - at);
    while (now - shownAt[0] > recentMs) { shownAt.shift(); delays.shift(); }
    if (shownAt.length < 3) return;
    const fps = (1000 * (shownAt.length - 1)) / (now - shownAt[0]);
    const delay = [...delays].sort((one, other) => one - other)[delays.length >> 1];
    Object.assign(api, { fps, delay });
    say(`${fps.toFixed(0)} fps · ${delay.toFixed(0)} ms`);
  }

  function stop() {
    camera?.getTracks().forEach((track) => track.stop());
    const opened = socket;
    camera = video = socket = null;
    opened?.close();
    Object.assign(api, { fps: 0, delay: 0 });
    if (part("toggle")) { looks(false); say(""); }
  }

  function save() {
    part("picture").toBlob((png) => {
      const link = Object.assign(document.createElement("a"), {
        href: URL.createObjectURL(png), download: `live.${shown}.png`,
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }

  const api = {
    ask, stop, save, fps: 0, delay: 0, shown: () => shown,
    toggle: () => (camera ? stop() : start()),
    resize: (wanted) => {
      side = wanted || usualSide;
      ask({ side: wanted || null });
      if (camera) { stop(); start(); }
    },
  };
  return api;
})();
