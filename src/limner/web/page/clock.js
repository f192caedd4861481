// The server's time, told by a browser whose own clock may be minutes off.
//
// Every moment the server names is in its past when we read it, so the largest difference ever seen is the best
// estimate, and it only gets better. It counts from performance.now(), which nobody can set; should that stand still
// while the machine sleeps, the next moment heard puts it right.
export class ServerClock {
  #monotonicMs
  #offsetMs = null

  constructor(monotonicMs = () => performance.now()) {
    this.#monotonicMs = monotonicMs
  }

  hear(moment) {
    const ms = Date.parse(moment)
    if (Number.isNaN(ms)) return

    const offsetMs = ms - this.#monotonicMs()
    if (this.#offsetMs === null || offsetMs > this.#offsetMs) this.#offsetMs = offsetMs
  }

  now() {
    return this.#offsetMs === null ? Date.now() : this.#offsetMs + this.#monotonicMs()
  }
}

// Whole seconds from a moment to now, never negative; null when the moment is not known.
export function secondsSince(moment, nowMs) {
  const ms = Date.parse(moment ?? "")
  return Number.isNaN(ms) ? null : Math.max(0, Math.floor((nowMs - ms) / 1_000))
}
