import { backoffMs } from "./backoff.js"
import { randomKey } from "./random_key.js"

const RETRY_FOR_MS = 30_000
const RETRY = { firstMs: 1_000, mostMs: 8_000 }

// What a person asks of the server, sent again until it is answered or half a minute is over.
export class Commands {
  #requests
  #platform

  constructor(requests, platform) {
    this.#requests = requests
    this.#platform = platform
  }

  async status(characterId, { signal } = {}) {
    const { body } = await this.#requests.send(`${imagePath(characterId)}/status`, { signal })
    return body
  }

  // An answer that was lost is no reason to draw twice: each sending of one wish has the same key.
  async generate(characterId, { idempotencyKey = randomKey(), signal, ...wish } = {}) {
    const headers = { "Idempotency-Key": `"${escaped(idempotencyKey)}"` }
    try {
      return await this.#persist(() => this.#post(imagePath(characterId), { headers, body: wish, signal }), signal)
    } catch (error) {
      if (error.isUnanswered) error.idempotencyKey = idempotencyKey
      throw error
    }
  }

  async cancel(characterId, { signal } = {}) {
    let sendings = 0
    const send = () => (sendings++, this.#post(`${imagePath(characterId)}/cancel`, { signal }))
    try {
      return await this.#persist(send, signal)
    } catch (error) {
      if (error.code !== "not_in_flight" || sendings === 1) throw error

      // Nothing is left to cancel, perhaps because a sending whose answer was lost has done it.
      const status = await this.status(characterId, { signal })
      if (status.status !== "canceled") throw error
      return status
    }
  }

  async #post(path, options) {
    const { body } = await this.#requests.send(path, { method: "POST", ...options })
    return body
  }

  async #persist(send, signal) {
    const endsAt = this.#platform.now() + RETRY_FOR_MS
    for (let failures = 0; ; failures++) {
      try {
        return await send()
      } catch (error) {
        const retryAfterMs = (error.retryAfterSeconds ?? 0) * 1_000
        const waitMs = Math.max(retryAfterMs, backoffMs(failures, RETRY, this.#platform.random))
        if (!error.isUnanswered || this.#platform.now() + waitMs > endsAt) throw error
        await this.#platform.pause(waitMs, signal)
      }
    }
  }
}

export function imagePath(characterId) {
  return `/api/characters/${encodeURIComponent(characterId)}/image`
}

// A string of RFC 9651 knows these two escapes.
function escaped(key) {
  return key.replace(/["\\]/g, "\\$&")
}
