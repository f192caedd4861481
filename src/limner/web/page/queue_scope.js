const PATH = "/api/queue"
const EVERY_MS = 2_000

// The whole queue, as it is watched: each view is complete, so nothing is to be caught up with, and the newest counts.
export class QueueScope {
  eventsPath = `${PATH}/events`
  cursor = 0
  isDone = false
  isHeld = false
  isStale = false
  #requests
  #tell
  #at = ""

  // tell(name, ...values) calls a listener.
  constructor(requests, tell) {
    this.#requests = requests
    this.#tell = tell
  }

  expire() {}

  hear(type, data) {
    if (type === "queue") this.#take(data)
    if (type === "progress") this.#tell("onProgress", data)
  }

  // One round of asking; gives how long to wait before the next.
  async ask({ signal }) {
    const { body } = await this.#requests.send(PATH, { signal })
    this.#take(body)
    return EVERY_MS
  }

  // Times of one form, so the later one is the greater one. An answer may come after a view that is newer.
  #take(view) {
    if (view.at < this.#at) return
    this.#at = view.at
    this.#tell("onQueue", view)
  }
}
