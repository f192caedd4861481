import { backoffMs } from "./backoff.js"
import { world as browser } from "./world.js"

const FIRST_MS = 1_000
const IDLE_MS = 5_000

// Asks for what the stream can't tell just now. One question at a time: a page with a hundred cards in flight must not
// add a hundred requests a second to a server that is already in trouble.
export class Poll {
  #api
  #listeners
  #world
  #etags = new Map()
  #failures = 0
  #round = 0
  #timer

  // listeners: inFlight gives the ids to ask for; idle reads the whole story when there are none; status gets a status
  // object; reached and failed tell how it went.
  constructor(api, listeners, world = browser) {
    this.#api = api
    this.#listeners = listeners
    this.#world = world
  }

  start() {
    if (this.#timer) return
    this.#failures = 0
    this.#next(FIRST_MS, ++this.#round)
  }

  stop() {
    this.#world.clearTimeout(this.#timer)
    this.#timer = null
    this.#round++
  }

  #next(ms, round) {
    this.#timer = this.#world.setTimeout(() => this.#ask(round), ms)
  }

  async #ask(round) {
    const waitMs = await this.#askAll(round)
    if (round === this.#round) this.#next(waitMs, round)
  }

  async #askAll(round) {
    try {
      const waitMs = await this.#askEach(this.#listeners.inFlight(), round)
      if (round === this.#round) this.#listeners.reached()
      this.#failures = 0
      return waitMs
    } catch (problem) {
      if (round === this.#round) this.#listeners.failed(problem)
      return Math.max((problem.retryAfterSeconds ?? 0) * 1_000, backoffMs(this.#failures++, this.#world.random))
    }
  }

  async #askEach(characterIds, round) {
    if (characterIds.length === 0) {
      await this.#listeners.idle()
      return IDLE_MS
    }

    let waitMs = FIRST_MS
    for (const characterId of characterIds) {
      if (round !== this.#round) break
      waitMs = Math.max(waitMs, await this.#askOne(characterId))
    }
    return waitMs
  }

  async #askOne(characterId) {
    const { status, etag, retryAfterSeconds } = await this.#api.status(characterId, this.#etags.get(characterId))
    this.#etags.set(characterId, etag)
    if (status) this.#listeners.status(status)
    return (retryAfterSeconds ?? 0) * 1_000
  }
}
