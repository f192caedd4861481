import { Problem, problemFrom, readJson, unreachable } from "./problem.js"

const ANSWER_MS = 20_000

// Limner's HTTP, in the page's words. Whatever goes wrong, in the network or in the answer, is thrown as a Problem.
export class Api {
  #fetch
  #onDate
  #keys = new Map()

  // onDate hears the moment each answer was sent at.
  constructor({ fetch = (...args) => globalThis.fetch(...args), onDate = () => {} } = {}) {
    this.#fetch = fetch
    this.#onDate = onDate
  }

  async plots(limit) {
    return readJson(await this.#get(`/api/plots?limit=${limit}`))
  }

  async plot(plotId) {
    return readJson(await this.#get(`/api/plots/${encodeURIComponent(plotId)}`))
  }

  async createPlot(fields) {
    return this.#post("/api/plots", fields)
  }

  async addCharacter(plotId, fields) {
    return this.#post(`/api/plots/${encodeURIComponent(plotId)}/characters`, fields)
  }

  // afterTaskId names the generation the person was looking at: asking again after it has changed is another wish.
  async draw(characterId, afterTaskId) {
    return this.#post(`/api/characters/${characterId}/image`, {}, afterTaskId)
  }

  async cancel(characterId) {
    return this.#post(`/api/characters/${characterId}/image/cancel`)
  }

  // {status, etag, retryAfterSeconds}; status is null when nothing changed since the answer with that etag.
  async status(characterId, etag = null) {
    const headers = etag ? { "If-None-Match": etag } : {}
    const response = await this.#get(`/api/characters/${characterId}/image/status`, headers)

    return {
      status: response.status === 304 ? null : await readJson(response),
      etag: response.headers.get("ETag") ?? etag,
      retryAfterSeconds: Number(response.headers.get("Retry-After")) || null,
    }
  }

  #get(path, headers = {}) {
    return this.#send(path, { headers })
  }

  // A request that got no answer may have been taken. Sent again, it carries the same key, so it is not done twice.
  async #post(path, body, occasion = "") {
    const wish = JSON.stringify([path, body, occasion])
    const key = this.#keys.get(wish) ?? randomKey()
    this.#keys.set(wish, key)

    const headers = { "Idempotency-Key": key, ...(body && { "Content-Type": "application/json" }) }
    try {
      const response = await this.#send(path, { method: "POST", headers, body: body && JSON.stringify(body) })
      const answer = await readJson(response)
      this.#keys.delete(wish)
      return answer
    } catch (problem) {
      if (problem.wasAnswered) this.#keys.delete(wish)
      throw problem
    }
  }

  async #send(path, options) {
    const response = await this.#reach(path, options)
    this.#onDate(response.headers.get("Date"))

    if (response.ok || response.status === 304) return response
    throw await problemFrom(response)
  }

  async #reach(path, options) {
    try {
      return await this.#fetch(path, { ...options, cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) })
    } catch {
      throw new Problem(unreachable)
    }
  }
}

// crypto.randomUUID() is missing where the page is served over plain http from another machine.
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
}
