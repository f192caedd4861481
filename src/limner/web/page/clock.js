const WINDOW_MS = 60_000

// The server's time, told by a browser whose own clock may be minutes off.
//
// Every moment the server names is in its past when we read it, so the largest difference of the last minute is the best
// estimate; not that of all time, since a clock that was set, or a proxy's that is wrong, would be followed for ever. It
// counts from performance.now(), which nobody can set; should that stand still while the machine sleeps, the next moment
// heard puts it right.
export class ServerClock {
  #monotonicMs
  // Of the last minute before one was heard: {heardMs, offsetMs}.
  #heard = []
  #offsetMs = null

  constructor(monotonicMs = () => performance.now()) {
    this.#monotonicMs = monotonicMs
  }

  // A moment that has been, a while ago perhaps: only one that is ahead of us tells anything.
  hear(moment) {
    const ms = Date.parse(moment)
    if (this.#offsetMs === null || ms - this.#monotonicMs() > this.#offsetMs) this.hearNow(moment)
  }

  // What the time was when the server said so.
  hearNow(moment) {
    const ms = Date.parse(moment)
    if (Number.isNaN(ms)) return

    const heardMs = this.#monotonicMs()
    const recent = this.#heard.filter((each) => heardMs - each.heardMs <= WINDOW_MS)
    this.#heard = [...recent, { heardMs, offsetMs: ms - heardMs }]
    this.#offsetMs = Math.max(...this.#heard.map(({ offsetMs }) => offsetMs))
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
