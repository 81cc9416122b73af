// The desk's JSON and its event stream; the contract is the docstring of desk.py.

const ROOT = "/desk/api/";

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `The desk answered ${response.status}.`);
  return body;
}

export async function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return answer(await fetch(`${ROOT}${path}?${new URLSearchParams(given)}`));
}

export async function post(path, body) {
  const form = body instanceof FormData;
  const headers = form ? {} : { "Content-Type": "application/json" };
  return answer(await fetch(ROOT + path, { method: "POST", headers, body: form ? body : JSON.stringify(body) }));
}

export const fileUrl = (id) => `${ROOT}file?id=${encodeURIComponent(id)}`;

const PATIENCE_MS = [300, 600, 1200, 2500, 5000];

/** Follows the event stream for good. `onState(connected)` tells of each change. */
export function follow(onEvent, onState) {
  let tries = 0;
  let retry = 0;
  let source = null;

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(`${ROOT}stream`);
    source.onopen = () => {
      tries = 0;
      onState(true);
    };
    source.onmessage = (event) => onEvent(JSON.parse(event.data));
    // EventSource's own retry gives up on some refusals; ours does not, and slows down.
    source.onerror = () => {
      source.close();
      onState(false);
      retry = setTimeout(open, PATIENCE_MS[Math.min(tries++, PATIENCE_MS.length - 1)]);
    };
  }

  addEventListener("online", open);
  // A stream left open while the page goes away shows up as an error in the console.
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
}
