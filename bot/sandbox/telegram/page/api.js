// The desk's JSON and its event stream; the contract is the docstring of desk.py.

const ROOT = "/desk/api/";

/** The desk said no, or could not be reached; the message is for people. */
export class Refusal extends Error {}

async function ask(url, options) {
  try {
    return await answer(await fetch(url, options));
  } catch (error) {
    // fetch tells every kind of broken connection by a TypeError.
    throw error instanceof TypeError ? new Refusal("The sandbox cannot be reached.") : error;
  }
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(body.error ?? `The desk answered ${response.status}.`);
  return body;
}

export async function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return ask(`${ROOT}${path}?${new URLSearchParams(given)}`);
}

export async function post(path, body) {
  const form = body instanceof FormData;
  const headers = form ? {} : { "Content-Type": "application/json" };
  return ask(ROOT + path, { method: "POST", headers, body: form ? body : JSON.stringify(body) });
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
