// The visible part of the picture: moved by dragging, the wheel and keys.

const narrow = 640; // points of width, below which all of a picture would be too small to read

/** view makes an SVG element movable and returns functions that show parts of it. */
export function view(element) {
  let box = { x: 0, y: 0, w: 1000, h: 600 };
  let whole = { w: 1000, h: 600 };
  const apply = () => element.setAttribute("viewBox", `${box.x} ${box.y} ${box.w} ${box.h}`);
  const size = () => element.getBoundingClientRect();

  /** fit shows all of the picture, or at a least scale its left part. */
  function fit(least = 0) {
    const { width, height } = size();
    const scale = Math.max(Math.min(width / whole.w, height / whole.h, 1.15), width < narrow ? least : 0);
    box.w = width / scale;
    box.h = height / scale;
    box.x = Math.min((whole.w - box.w) / 2, 0);
    box.y = (whole.h - box.h) / 2;
    apply();
  }
  function zoom(factor, cx = box.x + box.w / 2, cy = box.y + box.h / 2) {
    const w = Math.min(Math.max(box.w * factor, 200), 8 * whole.w + 2000);
    const k = w / box.w;
    box = { x: cx - (cx - box.x) * k, y: cy - (cy - box.y) * k, w, h: box.h * k };
    apply();
  }
  function move(dx, dy) {
    box.x += dx * box.w;
    box.y += dy * box.h;
    apply();
  }
  function at(event) {
    const r = size();
    return [box.x + ((event.clientX - r.left) / r.width) * box.w, box.y + ((event.clientY - r.top) / r.height) * box.h];
  }

  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.12 : 1 / 1.12, ...at(event));
  }, { passive: false });
  let held = null;
  element.addEventListener("pointerdown", (event) => { held = { x: event.clientX, y: event.clientY, moved: false, id: event.pointerId }; });
  element.addEventListener("pointermove", (event) => {
    if (!held) return;
    const dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (!held.moved && Math.hypot(dx, dy) < 4) return;
    if (!held.moved) element.setPointerCapture(held.id);
    held.moved = true;
    const r = size();
    move(-dx / r.width, -dy / r.height);
    held.x = event.clientX;
    held.y = event.clientY;
  });
  const release = () => { held = null; };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
  element.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
    if (step) move(...step);
    else if (event.key === "+" || event.key === "=") zoom(0.8);
    else if (event.key === "-") zoom(1.25);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
  });
  return {
    fit, zoom,
    setWhole(w, h) { whole = { w, h }; },
    /** center moves a point to the middle, if it is not visible. */
    center(x, y) {
      if (x > box.x && x < box.x + box.w && y > box.y && y < box.y + box.h) return;
      box.x = x - box.w / 2;
      box.y = y - box.h / 2;
      apply();
    },
  };
}
