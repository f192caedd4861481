import { backoffMs } from "./backoff.js"
import { world as browser } from "./world.js"

const HEARTBEAT_MS = 15_000
const SILENCE_MS = 2.5 * HEARTBEAT_MS
const GRACE_MS = 3_000
const STEADY_MS = 1_000

const CLOSED = 2

// One EventSource for a plot, kept alive through what a browser's own gives up on: any answer but 200, a socket that
// died without a word, a page that slept. It remembers the last id, so whatever happened meanwhile is told again.
export class Stream {
  #url
  #listeners
  #world
  #source = null
  #cursor = null
  #heardAt = 0
  #refusals = 0
  #isWanted = false
  #isLive = false
  #watchdog
  #steady
  #reopening

  // listeners: status, progress, plot, heartbeat get an event's data; live and lost nothing; refused is asked, when the
  // server would not stream, whether to come back, and may answer with a promise.
  constructor(url, listeners, world = browser) {
    this.#url = url
    this.#listeners = listeners
    this.#world = world
  }

  open() {
    this.#isWanted = true
    this.#drop()
    this.#heard()

    const source = this.#world.openStream(this.#address)
    this.#source = source
    source.addEventListener("open", () => this.#opened(source))
    source.addEventListener("error", () => this.#failed(source))
    for (const name of ["status", "progress", "plot", "heartbeat"]) {
      source.addEventListener(name, (event) => this.#receive(source, event))
    }
  }

  close() {
    this.#isWanted = false
    this.#isLive = false
    this.#drop()
  }

  // The page is looked at again, or the network is back: timers may have slept, and a dead socket says nothing.
  wake() {
    if (!this.#isWanted) return

    const isStale = this.#world.now() - this.#heardAt > HEARTBEAT_MS + GRACE_MS
    if (!this.#isLive || isStale) this.#reopen()
  }

  get #address() {
    return this.#cursor === null ? this.#url : `${this.#url}?last_event_id=${this.#cursor}`
  }

  // A server that is full opens, says only when to come back, and ends: an open connection is not yet a live one.
  #opened(source) {
    if (source !== this.#source) return

    this.#heard()
    this.#world.clearTimeout(this.#steady)
    this.#steady = this.#world.setTimeout(() => this.#lives(), STEADY_MS)
  }

  #receive(source, { type, data, lastEventId }) {
    if (source !== this.#source) return

    this.#heard()
    this.#lives()
    this.#listeners[type]?.(JSON.parse(data))
    // After the listener: an event that could not be taken in must come again.
    if (lastEventId) this.#cursor = lastEventId
  }

  #failed(source) {
    if (source !== this.#source) return

    this.#heard()
    this.#world.clearTimeout(this.#steady)
    this.#lost()
    if (source.readyState === CLOSED) this.#refused()
  }

  async #refused() {
    this.#drop()
    const comesBack = await this.#listeners.refused()
    if (!comesBack || !this.#isWanted || this.#source) return

    this.#reopening = this.#world.setTimeout(() => this.open(), backoffMs(this.#refusals++, this.#world.random))
  }

  #lives() {
    this.#world.clearTimeout(this.#steady)
    this.#refusals = 0
    if (this.#isLive) return

    this.#isLive = true
    this.#listeners.live()
  }

  #lost() {
    this.#isLive = false
    this.#listeners.lost()
  }

  #reopen() {
    this.#lost()
    this.open()
  }

  #heard() {
    this.#heardAt = this.#world.now()
    this.#world.clearTimeout(this.#watchdog)
    this.#watchdog = this.#world.setTimeout(() => this.#reopen(), SILENCE_MS)
  }

  #drop() {
    for (const timer of [this.#watchdog, this.#steady, this.#reopening]) this.#world.clearTimeout(timer)
    this.#source?.close()
    this.#source = null
  }
}
