import { createLimner } from "../../src/limner/web/page/limner.js"
import { plot } from "./examples.js"
import { FakeClock, settle } from "./fake_clock.js"
import { FakeStream } from "./fake_stream.js"

// What a platform's fetch and EventSource do with a server behind them, told by the test: what it knows, and how the
// way to it is broken.
export class FakeServer {
  clock = new FakeClock()
  streams = []
  platform = new EventTarget()
  isHidden = false
  // What GET /api/plots/plot gives.
  plot = null
  requests = []
  // Questions that wait for their answer: {id, settle()}.
  held = []
  // (request) => an answer, a promise of one, or undefined for the usual; throws when nothing gets through.
  fault = () => undefined

  static with(...characters) {
    const server = new FakeServer()
    server.plot = plot(...characters)
    return server
  }

  // A watch of a plot whose stream is refused from the start.
  static async polling(...characters) {
    const server = FakeServer.with(...characters)
    const watched = server.watch()
    await settle()
    server.stream.isRefused()
    await settle()
    return { server, ...watched }
  }

  limner(options = {}) {
    const { streams } = this
    return createLimner({
      fetch: (url, request) => this.fetch(url, request),
      EventSource: class extends FakeStream {
        constructor(url) {
          super(url)
          streams.push(this)
        }
      },
      clock: this.clock,
      random: () => 1,
      events: this.platform,
      isHidden: () => this.isHidden,
      ...options,
    })
  }

  // Watches with everything that is told noted in `heard`: statuses as [id, status, seq].
  watch(watchWith = (limner, listeners) => limner.watchPlot("plot", listeners), options = {}) {
    const heard = []
    const listeners = {
      onStatus: ({ character_id, status, seq }) => heard.push([character_id, status, seq]),
      onProgress: ({ progress }) => heard.push(progress),
      onPlot: ({ title }) => heard.push(title),
      onConnection: (connection) => heard.push(connection),
      onDone: () => heard.push("done"),
    }
    const limner = this.limner(options)
    return { heard, limner, listeners, watch: watchWith(limner, listeners) }
  }

  // The whole way: read, stream opened and proven, read once more.
  async watchLive(...values) {
    const watched = this.watch(...values)
    await settle()
    this.stream.opens()
    this.stream.tells("heartbeat", {})
    await this.clock.pass(1_000)
    watched.heard.length = 0
    this.requests.length = 0
    return watched
  }

  // Moves time on in small steps, in which answers come, and refuses every stream that is tried.
  async passRefusing(ms) {
    for (let left = ms; left > 0; left -= 250) {
      await this.clock.pass(Math.min(250, left))
      if (this.stream.readyState === 0) this.stream.isRefused()
      await settle()
    }
  }

  get stream() {
    return this.streams.at(-1)
  }

  get paths() {
    return this.requests.map(({ path }) => path)
  }

  tell(name, target = this.platform) {
    target.dispatchEvent(new Event(name))
  }

  async fetch(url, { method, headers, body, signal }) {
    const request = { method, path: url, headers, body, at: this.clock.now() }
    this.requests.push(request)
    const answered = (async () => (await this.fault(request)) ?? this.#answer(request))()
    const aborted = new Promise((_, reject) => {
      const refuse = () => reject(new DOMException("Aborted", "AbortError"))
      if (signal?.aborted) refuse()
      signal?.addEventListener("abort", refuse)
    })
    return Promise.race([answered, aborted])
  }

  #answer({ path, headers }) {
    if (path === "/api/plots/plot") return json(200, this.plot)

    const [, id] = path.match(/^\/api\/characters\/(\w+)\/image\/status$/)
    if (!headers.Prefer || this.#isNews(id, headers)) return this.#statusOf(id, headers)
    const applied = { "Preference-Applied": headers.Prefer }
    return new Promise((resolve) => {
      const settle = () => resolve(this.#statusOf(id, headers, applied))
      this.held.push({ id, headers, settle })
      this.clock.setTimeout(settle, Number(headers.Prefer.slice("wait=".length)) * 1_000)
    })
  }

  #isNews(id, headers) {
    return headers["If-None-Match"] !== etagOf(this.#imageOf(id))
  }

  #statusOf(id, headers, more = {}) {
    const image = this.#imageOf(id)
    const own = { ETag: etagOf(image), "Retry-After": "1", ...more }
    return this.#isNews(id, headers) ? json(200, image, own) : json(304, null, own)
  }

  #imageOf(id) {
    return this.plot.characters.find((character) => character.id === id).image
  }
}

export function json(status, body, headers = {}) {
  const type = status < 400 ? "application/json" : "application/problem+json"
  // A Response takes its turns to be read, and more of them when the machine is busy.
  return {
    ok: status < 300,
    status,
    headers: new Headers({ "Content-Type": type, ...headers }),
    json: async () => structuredClone(body),
  }
}

export function problem(status, code, headers = {}) {
  return json(status, { type: "about:blank", title: "A title", status, detail: "A sentence.", code }, headers)
}

// What a proxy answers in its own words.
export function page(status) {
  return { ok: false, status, headers: new Headers({ "Content-Type": "text/html" }) }
}

// As fetch says that nothing got through.
export function noNetwork() {
  throw new TypeError("fetch failed")
}

function etagOf({ seq }) {
  return `"${seq ?? "none"}"`
}
