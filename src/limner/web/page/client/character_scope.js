import { imagePath } from "./commands.js"
import { isFinal, Ledger } from "./ledger.js"
import { Questions } from "./questions.js"

const WAIT_SECONDS = 20

// One character, as it is watched: until its image has a final status.
export class CharacterScope {
  #characterId
  #ledger
  #questions
  #tell
  #status = null

  // tell(name, ...values) calls a listener.
  constructor(characterId, requests, tell, platform) {
    this.#characterId = characterId
    this.#tell = tell
    this.#ledger = new Ledger((status, before) => tell("onStatus", status, before))
    this.#questions = new Questions(requests, platform)
  }

  get eventsPath() {
    return `${imagePath(this.#characterId)}/events`
  }

  get cursor() {
    return this.#ledger.newestSeq
  }

  get isDone() {
    return this.#status !== null && isFinal(this.#status)
  }

  get isHeld() {
    return this.#questions.isHeld
  }

  // A stream brings all there is to know.
  get isStale() {
    return false
  }

  expire() {}

  hear(type, data) {
    if (type === "status") this.hearAnswer(data)
    if (type === "progress" && this.#ledger.isOfNow(data)) this.#tell("onProgress", data)
  }

  // Of one character there is nothing between two of its transitions that could be left out.
  hearAnswer(status) {
    if (status.character_id !== this.#characterId) return false
    this.#ledger.hearAll({ characters: [{ id: this.#characterId, image: status }] })
    if ((status.seq ?? 0) >= this.cursor) this.#status = status
    return true
  }

  async ask({ mayWait, signal }) {
    const waitSeconds = mayWait ? WAIT_SECONDS : 0
    const { status, pauseMs } = await this.#questions.ask(this.#characterId, { waitSeconds, signal })
    if (status) this.hearAnswer(status)
    return pauseMs
  }
}
