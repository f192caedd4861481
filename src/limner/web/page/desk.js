import { isInFlight } from "./phase.js"
import {
  find, hasEnded, undrawn, withCharacter, withConnection, withoutCharacter, withPatience, withPlot, withPlotChange,
  withProgress, withStatus, withWish, withWishes,
} from "./story.js"

const AT_ONCE = 4
const PAUSE_MS = 2_000
const ADDED_MS = 10_000

// One story being watched, and all that a person can do in it.
export class Desk {
  #plotId
  #limner
  #api
  #store
  #clock
  #platform
  #watch = null
  #askings = new Map()
  #ownAddings = new Map()
  #ownRemovals = new Set()

  // platform: pause(ms).
  constructor(plotId, { limner, api, store, clock, platform }) {
    this.#plotId = plotId
    this.#limner = limner
    this.#api = api
    this.#store = store
    this.#clock = clock
    this.#platform = platform
  }

  open() {
    this.#watch = this.#limner.watchPlot(this.#plotId, {
      onPlot: (plot) => this.#store.move(withPlot, this.#withOwnChanges(plot)),
      onStatus: (status, before) => this.#hear(status, before),
      onProgress: (hint) => this.#store.move(withProgress, hint, this.#clock.now()),
      onConnection: (connection, trouble) => this.#connect(connection, trouble),
    })
  }

  close() {
    this.#watch.close()
  }

  // The button is the person's, the state is the server's: of an image nothing is said before it has answered.
  async draw(characterId) {
    const character = find(this.#state, characterId)
    if (!character || character.wish || isInFlight(character.image)) return

    this.#store.move(withWish, characterId, { step: "asking" })
    await this.#ask(characterId)
  }

  // All of them at once would take every connection that a browser has for a server.
  async drawAll() {
    const waiting = undrawn(this.#state).map(({ id }) => id)
    this.#store.move(withWishes, waiting, { step: "asking" })
    const ask = async () => {
      while (waiting.length > 0) await this.#ask(waiting.shift(), { isPatient: true })
    }
    await Promise.all(Array.from({ length: AT_ONCE }, ask))
  }

  async cancel(characterId) {
    const { wish, image } = find(this.#state, characterId) ?? {}
    if (wish?.step === "kept") this.#store.move(withWish, characterId, null)
    else if (wish?.step === "asking") this.#cancelAsking(characterId, wish)
    else if (image && isInFlight(image) && !wish) await this.#cancel(characterId)
  }

  // It may have been taken: it is canceled once it is known to have been. Where nobody can be reached that may be long
  // from now, and nothing more is sent; what became of it is told on return.
  #cancelAsking(characterId, wish) {
    this.#store.move(withWish, characterId, { ...wish, isCanceled: true })
    if (!this.#isReached) this.#askings.get(characterId)?.abort()
  }

  keepWaiting(characterId) {
    this.#store.move(withPatience, characterId, this.#clock.now())
    this.#watch.refresh()
  }

  async addCharacter(fields) {
    const character = await this.#api.addCharacter(this.#plotId, fields)
    this.#ownAddings.set(character.id, this.#clock.now())
    this.#store.move(withCharacter, character)
    this.#watch.refresh()
    return character
  }

  async changeCharacter(characterId, fields) {
    this.#store.move(withCharacter, await this.#api.changeCharacter(characterId, fields))
    this.#watch.refresh()
  }

  async deleteCharacter(characterId) {
    await this.#api.deleteCharacter(characterId)
    this.#ownRemovals.add(characterId)
    this.#store.move(withoutCharacter, characterId)
  }

  async changePlot(fields) {
    this.#store.move(withPlotChange, await this.#api.changePlot(this.#plotId, fields))
    this.#watch.refresh()
  }

  async deletePlot() {
    await this.#api.deletePlot(this.#plotId)
  }

  get #state() {
    return this.#store.state
  }

  #hear(status, before) {
    // What was known before is read, and may be old; what is told just now happened just now.
    if (before) this.#clock.hear(status.at)
    this.#store.move(withStatus, status, before, this.#clock.now())
  }

  #connect(connection, trouble) {
    this.#store.move(withConnection, trouble?.status === 401 ? "signed-out" : connection)
    if (this.#isReached) this.#sendWhatWasKept()
  }

  get #isReached() {
    return ["live", "polling"].includes(this.#state.connection)
  }

  #sendWhatWasKept() {
    for (const { id, wish } of this.#state.characters) {
      if (wish?.step !== "kept") continue
      this.#store.move(withWish, id, { ...wish, step: "asking" })
      this.#ask(id)
    }
  }

  async #ask(characterId, { isPatient = false } = {}) {
    const wish = find(this.#state, characterId)?.wish
    if (!wish) return
    if (wish.isCanceled) return this.#store.move(withWish, characterId, null)

    const asking = new AbortController()
    this.#askings.set(characterId, asking)
    const { idempotencyKey } = wish
    try {
      await this.#limner.generateCharacterImage(characterId, { idempotencyKey, signal: asking.signal })
      await this.#answered(characterId)
    } catch (error) {
      if (isPatient && error.status === 429) return this.#askLater(characterId, error)
      this.#refused(characterId, error)
    }
  }

  async #answered(characterId) {
    const isCanceled = find(this.#state, characterId)?.wish?.isCanceled
    this.#store.move(withWish, characterId, null)
    if (isCanceled) await this.#cancel(characterId)
  }

  async #askLater(characterId, { retryAfterSeconds }) {
    await this.#platform.pause(retryAfterSeconds * 1_000 || PAUSE_MS)
    if (!hasEnded(this.#state)) await this.#ask(characterId, { isPatient: true })
  }

  // Where nobody was reached the wish is kept, with its key, until somebody is.
  #refused(characterId, error) {
    const wish = find(this.#state, characterId)?.wish
    const isKept = error.isUnanswered && wish && !wish.isCanceled
    if (isKept) this.#store.move(withWish, characterId, { step: "kept", idempotencyKey: error.idempotencyKey })
    else this.#store.move(withWish, characterId, null, wish?.isCanceled ? null : error)

    if (isKept && this.#isReached) this.#platform.pause(PAUSE_MS).then(() => this.#sendWhatWasKept())
    if (error.status === 404) this.#watch.refresh()
  }

  async #cancel(characterId) {
    this.#store.move(withWish, characterId, { step: "canceling" })
    try {
      await this.#limner.cancelCharacterImage(characterId)
      this.#store.move(withWish, characterId, null)
    } catch (error) {
      // It ended before it could be canceled, and how it ended is told by itself.
      const isOver = error.code === "not_in_flight" || error.status === 404
      this.#store.move(withWish, characterId, null, isOver ? null : error)
      if (isOver) this.#watch.refresh()
    }
  }

  // What was read may have been on its way when a character was added here, or removed.
  #withOwnChanges(plot) {
    const read = plot.characters.filter(({ id }) => !this.#ownRemovals.has(id))
    const added = this.#state.characters.filter(({ id }) => {
      return this.#clock.now() - this.#ownAddings.get(id) < ADDED_MS && !read.some((each) => each.id === id)
    })
    for (const { id } of read) this.#ownAddings.delete(id)
    return { ...plot, characters: [...read, ...added] }
  }
}
