import { backoffMs } from "./client/backoff.js"
import { randomKey } from "./client/random_key.js"
import { canAsk, isInFlight } from "./phase.js"
import { find, isReached, undrawn, wishesOf, wishOf, withWish, withWishes } from "./story.js"

const AT_ONCE = 4
const PAUSE_MS = 2_000
const AGAIN = { firstMs: 2_000, mostMs: 30_000 }

// The images that a person has asked for and canceled, until a server has answered. They are run for the whole page, not
// for one story: who leaves a story has not taken back what they asked for there.
//
// A wish is in the state for as long as it is run, so to drop it there is to give it up. Each method that runs one
// resolves to whether what is shown of the story has turned out to be old.
export class Errands {
  #limner
  #store
  #clock
  #platform
  #sendings = new Map()
  #waiting = []
  #busy = 0
  #hurry = new AbortController()

  // platform: pause(ms, signal), random(), events.
  constructor({ limner, store, clock, platform }) {
    this.#limner = limner
    this.#store = store
    this.#clock = clock
    this.#platform = platform
    platform.events.addEventListener("online", () => this.hurry())
  }

  // Goes on with what was under way when the page was loaded again.
  resume() {
    for (const [characterId, { id, isCancel }] of Object.entries(wishesOf(this.#state))) {
      if (isCancel) this.#runCancel(characterId, id)
      else this.#runAsking(characterId, id, { isPatient: true })
    }
  }

  // Somebody is there again: what waits for its next attempt waits no longer.
  hurry() {
    this.#hurry.abort()
    this.#hurry = new AbortController()
  }

  async draw(characterId) {
    const character = find(this.#state, characterId)
    if (!character || !canAsk(character)) return false

    const wish = this.#wishFor(character)
    this.#store.move(withWish, characterId, wish)
    return this.#runAsking(characterId, wish.id)
  }

  async drawAll() {
    const wishes = undrawn(this.#state).map((character) => [character.id, this.#wishFor(character)])
    this.#store.move(withWishes, wishes)
    const run = ([characterId, { id }]) => this.#runAsking(characterId, id, { isPatient: true })
    return (await Promise.all(wishes.map(run))).some(Boolean)
  }

  async cancel(characterId) {
    const wish = wishOf(this.#state, characterId)
    const image = find(this.#state, characterId)?.image
    if (wish && !wish.isCancel) return this.#cancelAsking(characterId, wish)
    if (wish || !image || !isInFlight(image)) return false
    return this.#cancel(characterId, { step: "canceling", taskId: image.task_id })
  }

  // What was never sent is given up at once. What was sent may have been taken: it is canceled once it is known to have
  // been, which is for its answer to tell, or, where nobody can be reached, for later.
  #cancelAsking(characterId, wish) {
    const sending = this.#sendings.get(wish.id)
    if (wish.step === "asking" && !sending) return this.#end(characterId, wish.id)
    if (wish.step === "asking" && isReached(this.#state)) {
      this.#store.move(withWish, characterId, { ...wish, isCanceled: true })
      return false
    }
    const canceling = this.#cancelWhatItBegan(characterId, wish)
    sending?.abort()
    return canceling
  }

  #cancelWhatItBegan(characterId, { taskId }) {
    return this.#cancel(characterId, { step: "kept", taskId, isOfAsking: true })
  }

  #cancel(characterId, values) {
    const wish = { id: randomKey(), isCancel: true, sinceMs: this.#clock.now(), ...values }
    this.#store.move(withWish, characterId, wish)
    return this.#runCancel(characterId, wish.id)
  }

  #wishFor({ image }) {
    return { id: randomKey(), step: "asking", taskId: image.task_id, sinceMs: this.#clock.now() }
  }

  #runAsking(characterId, id, { isPatient = false } = {}) {
    return this.#run(characterId, id, () => this.#inTurn(() => this.#ask(characterId, id, isPatient)))
  }

  #runCancel(characterId, id) {
    return this.#run(characterId, id, () => this.#sendCancel(characterId, id))
  }

  // Until it is answered, with yes or no: the key, or a look at what is drawn, keeps it from being done twice.
  async #run(characterId, id, send) {
    for (let failures = 0; this.#wished(characterId, id); failures++) {
      const error = await send()
      if (!error?.isUnanswered) return this.#end(characterId, id, error)

      this.#keep(characterId, id)
      const { signal } = this.#hurry
      await this.#platform.pause(backoffMs(failures, AGAIN, this.#platform.random), signal)
    }
    return false
  }

  #keep(characterId, id) {
    const wish = this.#wished(characterId, id)
    if (wish?.isCanceled) this.#cancelWhatItBegan(characterId, wish)
    else if (wish && wish.step !== "kept") this.#store.move(withWish, characterId, { ...wish, step: "kept" })
  }

  #end(characterId, id, error = null) {
    const wish = this.#wished(characterId, id)
    if (!wish) return false

    // It ended before it could be canceled, and how it ended is told by itself.
    const isOver = wish.isCancel && (error?.code === "not_in_flight" || error?.status === 404)
    this.#store.move(withWish, characterId, null, isOver || wish.isCanceled ? null : error)
    return isOver || error?.status === 404
  }

  // All at once would take every connection that a browser has for a server.
  async #inTurn(send) {
    while (this.#busy === AT_ONCE) await new Promise((resolve) => this.#waiting.push(resolve))
    this.#busy++
    try {
      return await send()
    } finally {
      this.#busy--
      this.#waiting.shift()?.()
    }
  }

  // Over a limit nobody else has to try either, so the pause is taken within the turn.
  async #ask(characterId, id, isPatient) {
    while (this.#wished(characterId, id)) {
      const error = await this.#sendAsking(characterId, id)
      if (!isPatient || error?.status !== 429) return error
      await this.#platform.pause(error.retryAfterSeconds * 1_000 || PAUSE_MS)
    }
    return null
  }

  async #sendAsking(characterId, id) {
    const sending = new AbortController()
    this.#sendings.set(id, sending)
    try {
      const { signal } = sending
      const status = await this.#limner.generateCharacterImage(characterId, { idempotencyKey: id, signal })
      if (!this.#wished(characterId, id)?.isCanceled || !isInFlight(status)) return null
      this.#cancel(characterId, { step: "canceling", taskId: status.task_id })
      return null
    } catch (error) {
      return error
    } finally {
      this.#sendings.delete(id)
    }
  }

  async #sendCancel(characterId, id) {
    try {
      const wish = this.#wished(characterId, id)
      if (wish.step === "kept" && !(await this.#isStillMeant(characterId, wish))) return null
      await this.#limner.cancelCharacterImage(characterId)
      return null
    } catch (error) {
      return error
    }
  }

  // A while has passed, in which another image may have been begun.
  async #isStillMeant(characterId, { taskId, isOfAsking = false }) {
    const status = await this.#limner.getCharacterImageStatus(characterId)
    return isInFlight(status) && (status.task_id !== taskId) === isOfAsking
  }

  #wished(characterId, id) {
    const wish = wishOf(this.#state, characterId)
    return wish?.id === id ? wish : null
  }

  get #state() {
    return this.#store.state
  }
}
