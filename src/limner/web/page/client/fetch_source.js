import { EventReader } from "./event_reader.js"

const RETRY_MS = 3_000
const CONNECTING = 0
const OPEN = 1
const CLOSED = 2

// An EventSource that can send headers, for a bearer token, and where there is no EventSource at all. What differs: any
// byte shows as an event "byte", so that even a greeting without an event proves the way.
export class FetchSource extends EventTarget {
  readyState = CONNECTING
  #url
  #options
  #platform
  #lastEventId = ""
  #retryMs = RETRY_MS
  #timer
  #controller

  constructor(url, { headers, credentials }, platform) {
    super()
    this.#url = url
    this.#options = { headers, credentials }
    this.#platform = platform
    this.#connect()
  }

  close() {
    this.readyState = CLOSED
    this.#platform.clearTimeout(this.#timer)
    this.#controller.abort()
  }

  async #connect() {
    this.#controller = new AbortController()
    try {
      const response = await this.#request()
      if (this.readyState === CLOSED) return
      if (!isStream(response)) return this.#refuse()

      this.readyState = OPEN
      this.dispatchEvent(new Event("open"))
      await this.#read(response.body)
    } catch {
      // A network that breaks and a body that ends are the same to an EventSource: it comes back.
    }
    this.#comeBack()
  }

  async #request() {
    const { headers, credentials } = this.#options
    return this.#platform.fetch(this.#url, {
      headers: {
        Accept: "text/event-stream",
        ...(await headers?.()),
        ...(this.#lastEventId && { "Last-Event-ID": this.#lastEventId }),
      },
      cache: "no-store",
      credentials,
      signal: this.#controller.signal,
    })
  }

  async #read(body) {
    const reader = new EventReader({
      lastEventId: this.#lastEventId,
      onRetry: (ms) => (this.#retryMs = ms),
      onEvent: (event) => this.#tell(event),
    })
    const pieces = body.getReader()
    for (;;) {
      const { done, value } = await pieces.read()
      if (done || this.readyState === CLOSED) return
      this.dispatchEvent(new Event("byte"))
      reader.read(value)
    }
  }

  #tell({ type, data, lastEventId }) {
    this.#lastEventId = lastEventId
    if (data === null || this.readyState === CLOSED) return
    this.dispatchEvent(Object.assign(new Event(type), { data, lastEventId }))
  }

  #comeBack() {
    if (this.readyState === CLOSED) return

    this.readyState = CONNECTING
    this.dispatchEvent(new Event("error"))
    if (this.readyState === CLOSED) return
    this.#timer = this.#platform.setTimeout(() => this.#connect(), this.#retryMs)
  }

  #refuse() {
    this.close()
    this.dispatchEvent(new Event("error"))
  }
}

function isStream({ status, headers }) {
  return status === 200 && (headers.get("Content-Type") ?? "").startsWith("text/event-stream")
}
