import { Ledger } from "./ledger.js"
import { Questions } from "./questions.js"

const WAIT_SECONDS = 5
const READ_MS = 5_000
const EVERY_MS = 1_000
const AGAIN_MS = 500
const ASKED_ONE_BY_ONE = 4

// All of a plot, as it is watched. Without a stream, one character in flight is asked for with an answer that is held,
// a few one by one (nearly all of that is 304), many by reading the plot; the plot is read every 5 s in any case, for
// what was added, or begun by others. So a watch costs the server one held request, or up to four small ones a second.
export class PlotScope {
  #plotId
  #path
  #requests
  #tell
  #platform
  #ledger
  #questions
  #isStale = true
  #readAt = -Infinity
  #etag = null
  #toldPlot = null

  // tell(name, ...values) calls a listener.
  constructor(plotId, requests, tell, platform) {
    this.#plotId = plotId
    this.#path = `/api/plots/${encodeURIComponent(plotId)}`
    this.#requests = requests
    this.#tell = tell
    this.#platform = platform
    this.#ledger = new Ledger((status, before) => tell("onStatus", status, before))
    this.#questions = new Questions(requests, platform)
  }

  get eventsPath() {
    return `${this.#path}/events`
  }

  get cursor() {
    return this.#ledger.newestSeq
  }

  get isDone() {
    return false
  }

  get isHeld() {
    return this.#questions.isHeld
  }

  // Whether there is something that no stream will tell: `plot` events are hints, and never replayed.
  get isStale() {
    return this.#isStale
  }

  expire() {
    this.#isStale = true
  }

  hear(type, data) {
    if (type === "plot") this.expire()
    if (type === "progress" && this.#ledger.isOfNow(data)) this.#tell("onProgress", data)
    if (type === "status") {
      this.#expireUnlessKnown(data)
      this.#ledger.hearInOrder(data)
    }
  }

  // What the server answered to a command. Gives whether it was about what is watched here.
  hearAnswer(status) {
    if (status.plot_id !== this.#plotId) return false
    this.#expireUnlessKnown(status)
    this.#ledger.hear(status)
    return true
  }

  // One round of asking; gives how long to wait before the next.
  async ask({ mayWait, signal }) {
    const drawn = this.#ledger.inFlight
    const isDue = this.#isStale || this.#sinceReadMs >= READ_MS
    if (isDue || drawn.length === 0 || drawn.length > ASKED_ONE_BY_ONE) return this.#read(signal)

    try {
      return await this.#askForEach(drawn, { waitSeconds: mayWait && drawn.length === 1 ? WAIT_SECONDS : 0, signal })
    } catch (error) {
      // The character is gone, or all of the plot: reading it tells which.
      if (error.status !== 404) throw error
      return this.#read(signal)
    }
  }

  // A clock that was set back must not keep us waiting.
  get #sinceReadMs() {
    return Math.abs(this.#platform.now() - this.#readAt)
  }

  // A character that was added.
  #expireUnlessKnown({ character_id }) {
    if (!this.#ledger.knows(character_id)) this.expire()
  }

  async #askForEach(characterIds, options) {
    let longestMs = 0
    for (const characterId of characterIds) {
      const { status, pauseMs } = await this.#questions.ask(characterId, options)
      if (status) this.#ledger.hear(status)
      longestMs = Math.max(longestMs, pauseMs)
    }
    return longestMs
  }

  // Hints may come in a burst, and a plot be large: so it is read twice a second at most.
  async #read(signal) {
    const spacingMs = AGAIN_MS - this.#sinceReadMs
    if (spacingMs > 0) await this.#platform.pause(spacingMs, signal)
    this.#isStale = false
    try {
      const headers = this.#etag ? { "If-None-Match": this.#etag } : {}
      const answer = await this.#requests.send(this.#path, { headers, signal })
      this.#readAt = this.#platform.now()
      // 304: nothing has happened since it was read, so there is nothing to tell.
      if (answer.body) this.#take(answer.body)
      this.#etag = answer.headers.get("ETag")
    } catch (error) {
      this.#isStale = true
      throw error
    }
    if (this.#isStale) return 0
    return this.#ledger.inFlight.length > 0 ? EVERY_MS : READ_MS
  }

  // The plot comes first: whoever shows it must know a character before hearing of its image.
  #take(read) {
    const plot = this.#ledger.brought(read)
    const text = JSON.stringify(plot)
    if (text !== this.#toldPlot) this.#tell("onPlot", plot)
    this.#toldPlot = text
    this.#ledger.hearAll(plot)
  }
}
