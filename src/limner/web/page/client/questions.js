import { imagePath } from "./commands.js"

const EVERY_MS = 1_000
const LATE_MS = 5_000
const DISTRUST = { firstMs: 60_000, mostMs: 600_000 }

// Asks how images are, and lets the server hold its answers where the way to it allows that. A proxy that cuts or keeps
// a held answer is found out by this: the held question went unanswered, and a plain one right after it did not.
export class Questions {
  #requests
  #platform
  #etags = new Map()
  #cuts = 0
  #isCut = false
  #distrustedUntil = 0
  #isHeld = false

  constructor(requests, platform) {
    this.#requests = requests
    this.#platform = platform
  }

  // Whether the last answer was one that the server had held.
  get isHeld() {
    return this.#isHeld
  }

  // {status, pauseMs}: the status object, null when it is as it was, and how long to wait before asking again.
  async ask(characterId, { waitSeconds, signal }) {
    const etag = this.#etags.get(characterId)
    const askedAt = this.#platform.now()
    const mayHold = etag !== undefined && !this.#isCut && askedAt >= this.#distrustedUntil
    this.#isHeld = false

    const answer = mayHold && waitSeconds > 0
      ? await this.#askHeld(characterId, etag, waitSeconds, signal)
      : await this.#askPlain(characterId, etag, signal)
    if (!answer) return { status: null, pauseMs: 0 }

    this.#etags.set(characterId, answer.headers.get("ETag") ?? undefined)
    // A server that stops, or has as many who wait as it takes, answers a held question at once.
    const spacingMs = this.#isHeld ? EVERY_MS : (answer.retryAfterSeconds ?? 1) * EVERY_MS
    return { status: answer.body, pauseMs: Math.max(0, spacingMs - (this.#platform.now() - askedAt)) }
  }

  async #askPlain(characterId, etag, signal) {
    try {
      const answer = await this.#send(characterId, etag, { signal })
      this.#judge()
      return answer
    } catch (error) {
      // Nothing gets through: that says nothing about held answers.
      if (error.isUnanswered) this.#isCut = false
      throw error
    }
  }

  async #askHeld(characterId, etag, heldSeconds, signal) {
    try {
      const answer = await this.#send(characterId, etag, {
        headers: { Prefer: `wait=${heldSeconds}` },
        answerMs: heldSeconds * 1_000 + LATE_MS,
        signal,
      })
      this.#isHeld = Number(answer.headers.get("Preference-Applied")?.match(/wait=(\d+)/)?.[1]) > 0
      return answer
    } catch (error) {
      if (!error.isUnanswered || error.code === "database_unavailable") throw error
      this.#isCut = true
      return null
    }
  }

  #judge() {
    if (!this.#isCut) return
    this.#isCut = false
    const { firstMs, mostMs } = DISTRUST
    this.#distrustedUntil = this.#platform.now() + Math.min(mostMs, firstMs * 2 ** this.#cuts++)
  }

  async #send(characterId, etag, { headers = {}, ...options }) {
    const path = `${imagePath(characterId)}/status`
    return this.#requests.send(path, { headers: { ...(etag && { "If-None-Match": etag }), ...headers }, ...options })
  }
}
