// Runs before the first paint, so that a remembered theme does not flash.
"use strict";

{
  let kept = null;
  try {
    kept = localStorage.getItem("changedesk.theme");
  } catch {
    // Storage may be switched off: the system's choice holds.
  }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
}
