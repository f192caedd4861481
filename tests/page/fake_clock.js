// Time that stands still until the test moves it.
export class FakeClock {
  #now = 1_000_000
  #timers = new Map()
  #ids = 0

  now() {
    return this.#now
  }

  setTimeout(callback, ms) {
    this.#timers.set(++this.#ids, { callback, at: this.#now + ms })
    return this.#ids
  }

  clearTimeout(id) {
    this.#timers.delete(id)
  }

  // Moves time on, timer by timer, and lets promises settle in between.
  async pass(ms) {
    await settle()
    const end = this.#now + ms
    for (let due; (due = this.#nextUntil(end)); ) {
      this.#timers.delete(due.id)
      this.#now = due.at
      due.callback()
      await settle()
    }
    this.#now = end
  }

  // The machine sleeps: the clock on the wall goes on, timers don't.
  sleep(ms) {
    this.#now += ms
    for (const timer of this.#timers.values()) timer.at += ms
  }

  get timers() {
    return this.#timers.size
  }

  #nextUntil(end) {
    const due = [...this.#timers].map(([id, timer]) => ({ id, ...timer })).filter(({ at }) => at <= end)
    return due.sort((a, b) => a.at - b.at || a.id - b.id)[0]
  }
}

export function settle() {
  return new Promise((resolve) => setImmediate(resolve))
}
