import { backoffMs } from "./backoff.js"

const HIDDEN_MS = 30_000
const RETRY = { firstMs: 1_000, mostMs: 30_000 }

// Asks again and again, one question at a time, until it is stopped.
export class Poller {
  #scope
  #listeners
  #platform
  #failures = 0
  #round = null
  #pausing = null

  // listeners: reached and failed(error) tell how each question went.
  constructor(scope, listeners, platform) {
    this.#scope = scope
    this.#listeners = listeners
    this.#platform = platform
  }

  start() {
    if (this.#round) return
    this.#round = new AbortController()
    this.#run(this.#round.signal)
  }

  stop() {
    this.#round?.abort()
    this.#pausing?.abort()
    this.#round = null
  }

  // Something has changed: whoever waits asks now, and failures of before say nothing any more.
  hurry() {
    this.#failures = 0
    this.#pausing?.abort()
  }

  // What is under way was asked before something has changed: its answer would tell nothing of now, and may never come.
  renew() {
    this.#failures = 0
    if (!this.#round) return
    this.stop()
    this.start()
  }

  async #run(signal) {
    while (!signal.aborted) {
      const pauseMs = await this.#ask(signal)
      if (!signal.aborted) await this.#pause(pauseMs)
    }
  }

  async #ask(signal) {
    const isHidden = this.#platform.isHidden()
    try {
      const pauseMs = await this.#scope.ask({ mayWait: !isHidden, signal })
      if (signal.aborted) return 0

      this.#failures = 0
      this.#listeners.reached()
      // Nobody is looking, and whoever comes back to look is told at once.
      return isHidden ? Math.max(pauseMs, HIDDEN_MS) : pauseMs
    } catch (error) {
      if (signal.aborted) return 0
      if (error.name !== "LimnerError") this.#platform.report(error)

      this.#listeners.failed(error)
      const retryAfterMs = (error.retryAfterSeconds ?? 0) * 1_000
      return Math.max(retryAfterMs, backoffMs(this.#failures++, RETRY, this.#platform.random))
    }
  }

  async #pause(ms) {
    const pausing = new AbortController()
    this.#pausing = pausing
    await this.#platform.pause(ms, pausing.signal)
  }
}
