// The way out; everything else is data-act.
import "./act.js";

document.addEventListener("acted", (event) => {
  if (event.detail.element.id === "leave") location.reload();
});
