import { FetchSource } from "./fetch_source.js"

const wallClock = {
  // Unlike performance.now() it goes on while a laptop sleeps, which is when silence must be noticed.
  now: () => Date.now(),
  setTimeout: (callback, ms) => globalThis.setTimeout(callback, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
}

// All that the client needs of where it runs, in one place: a page, a worker, Node, or a test that moves the clock.
// What is left out is looked up when it is used, not when this file is loaded.
export function platformWith(options = {}) {
  const { fetch, EventSource, clock = wallClock, events, isHidden, random = Math.random, report } = options
  const platform = {
    fetch: (...request) => (fetch ?? globalThis.fetch)(...request),
    random: () => random(),
    now: () => clock.now(),
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    clearTimeout: (timer) => clock.clearTimeout(timer),
    // Node has neither pages to hide nor a network that it knows to be away.
    events: events ?? (globalThis.addEventListener ? globalThis : new EventTarget()),
    isHidden: isHidden ?? (() => globalThis.document?.visibilityState === "hidden"),
    // What a listener throws is its author's to see, and must not end the watch.
    report: report ?? reportUncaught,
    pause: (ms, signal) => pause(platform, ms, signal),
  }
  // An EventSource can send no header. With headers to send, the same events are read from a fetch.
  platform.openEvents = (url, { headers, credentials }) => {
    const Native = headers ? undefined : (EventSource ?? globalThis.EventSource)
    if (!Native) return new FetchSource(url, { headers, credentials }, platform)
    return new Native(url, { withCredentials: credentials === "include" })
  }
  return platform
}

function reportUncaught(error) {
  queueMicrotask(() => {
    throw error
  })
}

// Ends early, without a word, when the signal aborts: whoever waits looks at the signal anyway.
function pause({ setTimeout, clearTimeout }, ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(end, ms)
    signal?.addEventListener("abort", end)

    function end() {
      clearTimeout(timer)
      signal?.removeEventListener("abort", end)
      resolve()
    }
  })
}
