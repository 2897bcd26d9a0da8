// One finger scrolls the page, two move the map, a tap shows the numbers of a place.
// Bokeh itself takes every touch for a drag of the map. Code of a CustomJS on the plot.
const view = Bokeh.index.find_one(cb_obj);
const area = view && view.canvas.events_el;
if (!area || area.dataset.gestures) return;
area.dataset.gestures = "ready";
area.style.touchAction = "pan-x pan-y";

// Without a view an event has no place on a page that is scrolled.
const asMouse = (type, at) => area.dispatchEvent(
    new PointerEvent(type, {view: window, isPrimary: true, pointerType: "mouse", ...at}));
const placed = (touch) => ({clientX: touch.clientX, clientY: touch.clientY});
const apart = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);

// Where two fingers are: their middle, in pixels of the map, and how far they are apart.
const held = ([a, b]) => {
    const box = area.getBoundingClientRect();
    return {
        x: (a.clientX + b.clientX) / 2 - box.left,
        y: (a.clientY + b.clientY) / 2 - box.top,
        span: Math.max(apart(a, b), 1),
    };
};

// What lay between the fingers stays between them.
const moveMap = (from, to) => {
    const {x_scale, y_scale, bbox} = view.frame;
    const factor = from.span / to.span;
    const x = (edge) => x_scale.invert(from.x + (edge - to.x) * factor);
    const y = (edge) => y_scale.invert(from.y + (edge - to.y) * factor);
    const xrs = new Map([[cb_obj.x_range, {start: x(bbox.left), end: x(bbox.right)}]]);
    const yrs = new Map([[cb_obj.y_range, {start: y(bbox.bottom), end: y(bbox.top)}]]);
    view.update_range({xrs, yrs}, {panning: true});
};

// Bokeh is told of the first finger's coming and going alone, which is a tap on the legend.
let first = null;
const hide = (event) => {
    if (event.pointerType !== "touch" || event.target !== area) return;
    const told = event.isPrimary && ["pointerdown", "pointerup", "pointercancel"].includes(event.type);
    if (event.type === "pointerdown" && told) first = event.pointerId;
    if (!told) event.stopPropagation();
};
for (const type of ["down", "move", "up", "cancel", "over", "out"])
    area.getRootNode().addEventListener(`pointer${type}`, hide, true);

let fingers = null, tap = null;
area.addEventListener("touchstart", (event) => {
    const {touches} = event;
    tap = touches.length === 1 ? touches[0] : null;
    fingers = touches.length === 2 ? held(touches) : null;
    if (touches.length < 2) return;
    event.preventDefault();
    asMouse("pointercancel", {pointerId: first});
}, {passive: false});
area.addEventListener("touchmove", (event) => {
    const {touches} = event;
    if (tap && apart(tap, touches[0]) > 10) tap = null;
    if (touches.length < 2) return;
    event.preventDefault();
    if (!fingers) return;
    const now = held(touches);
    moveMap(fingers, now);
    fingers = now;
}, {passive: false});
area.addEventListener("touchend", () => {
    fingers = null;
    if (tap) asMouse("pointermove", placed(tap));
    tap = null;
});
area.addEventListener("touchcancel", () => { fingers = tap = null; });
document.addEventListener("touchstart", (event) => {
    if (!event.composedPath().includes(area)) asMouse("pointerout", {});
}, {passive: true});
