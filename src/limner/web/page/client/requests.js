import { errorOf, retryAfterSecondsOf, unreachable } from "./limner_error.js"

const ANSWER_MS = 20_000

// HTTP as Limner speaks it. Whatever goes wrong, in the network or in the answer, is thrown as a LimnerError; only a
// caller's own abort comes through as it is.
export class Requests {
  #baseUrl
  #headers
  #credentials
  #platform

  constructor({ baseUrl = "", headers = null, credentials = "same-origin" }, platform) {
    this.#baseUrl = String(baseUrl).replace(/\/+$/, "")
    this.#headers = headers
    this.#credentials = credentials
    this.#platform = platform
  }

  // Where a path of the API is, an image's too. What has an origin of its own stays as it is.
  url(path) {
    return /^[a-z][a-z0-9+.-]*:/i.test(path) ? path : this.#baseUrl + path
  }

  openEvents(path) {
    const headers = this.#headers && (() => this.#ownHeaders())
    return this.#platform.openEvents(this.url(path), { headers, credentials: this.#credentials })
  }

  // {status, headers, body, retryAfterSeconds}; body is null where there is none (204, 304).
  async send(path, { method = "GET", headers = {}, body, signal, answerMs = ANSWER_MS } = {}) {
    signal?.throwIfAborted()
    const deadline = this.#deadline(answerMs, signal)
    try {
      const response = await this.#platform.fetch(this.url(path), {
        method,
        headers: { ...(await this.#ownHeaders()), ...contentTypeOf(body), ...headers },
        body: body && JSON.stringify(body),
        // Conditional requests are ours to make: a browser's cache would answer a 304 with an old 200.
        cache: "no-store",
        credentials: this.#credentials,
        signal: deadline.signal,
      })
      return await answerOf(response)
    } catch (error) {
      signal?.throwIfAborted()
      if (error.name === "LimnerError") throw error
      throw unreachable(error)
    } finally {
      deadline.end()
    }
  }

  // AbortSignal.timeout() and any() would do it, but not on the clock that we were given.
  #deadline(ms, signal) {
    const controller = new AbortController()
    const abort = () => controller.abort()
    const timer = this.#platform.setTimeout(abort, ms)
    signal?.addEventListener("abort", abort)
    return {
      signal: controller.signal,
      end: () => {
        this.#platform.clearTimeout(timer)
        signal?.removeEventListener("abort", abort)
      },
    }
  }

  // A function is asked before each request, so that a token that expires can be renewed.
  async #ownHeaders() {
    return typeof this.#headers === "function" ? this.#headers() : (this.#headers ?? {})
  }
}

function contentTypeOf(body) {
  return body ? { "Content-Type": "application/json" } : {}
}

// The body is read here, within the deadline: one that is cut off tells as little as no answer at all.
async function answerOf(response) {
  const { status, headers } = response
  if (!response.ok && status !== 304) throw await errorOf(response)

  const body = status === 204 || status === 304 ? null : await response.json()
  return { status, headers, body, retryAfterSeconds: retryAfterSecondsOf(response) }
}
