// A browser whose time stands still until the test moves it, and whose streams say what the test has them say.
export class FakeWorld {
  streams = []
  #now = 1_000_000
  #timers = new Map()
  #ids = 0

  now() {
    return this.#now
  }

  random() {
    return 1
  }

  setTimeout(callback, ms) {
    this.#timers.set(++this.#ids, { callback, at: this.#now + ms })
    return this.#ids
  }

  clearTimeout(id) {
    this.#timers.delete(id)
  }

  openStream(url) {
    const stream = new FakeStream(url)
    this.streams.push(stream)
    return stream
  }

  get stream() {
    return this.streams.at(-1)
  }

  // Moves time on, timer by timer, and lets promises settle in between.
  async pass(ms) {
    const end = this.#now + ms
    for (let due; (due = this.#nextUntil(end)); ) {
      this.#timers.delete(due.id)
      this.#now = due.at
      due.callback()
      await settle()
    }
    this.#now = end
    await settle()
  }

  // The machine sleeps: time goes on and no timer fires.
  sleep(ms) {
    this.#now += ms
  }

  #nextUntil(end) {
    const due = [...this.#timers].map(([id, timer]) => ({ id, ...timer })).filter(({ at }) => at <= end)
    return due.sort((a, b) => a.at - b.at || a.id - b.id)[0]
  }
}

class FakeStream extends EventTarget {
  readyState = 0

  constructor(url) {
    super()
    this.url = url
  }

  close() {
    this.readyState = 2
  }

  opens() {
    this.readyState = 1
    this.dispatchEvent(new Event("open"))
  }

  tells(type, data, id = "") {
    this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data), lastEventId: String(id) }))
  }

  breaks() {
    this.readyState = 0
    this.dispatchEvent(new Event("error"))
  }

  isRefused() {
    this.readyState = 2
    this.dispatchEvent(new Event("error"))
  }
}

export function settle() {
  return new Promise((resolve) => setImmediate(resolve))
}
