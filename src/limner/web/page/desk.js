import { Poll } from "./poll.js"
import {
  blank, find, hasEnded, isInFlight, withAsking, withCharacter, withLink, withPlot, withProgress, withStatus,
  withoutOldProgress,
} from "./story.js"
import { Stream } from "./stream.js"
import { world as browser } from "./world.js"

const READ_AGAIN_MS = 3_000
const HINT_MS = 10_000
const ENDINGS = { 401: "signed-out", 404: "gone" }

// One story being watched: its state, and all that feeds it.
export class Desk {
  #plotId
  #api
  #clock
  #onChange
  #world
  #stream
  #poll
  #state = blank
  #reading = null
  #isStale = false
  #ownChanges = 0

  // onChange gets the state and the one before it, every time it changes.
  constructor(plotId, { api, clock, onChange, world = browser }) {
    this.#plotId = plotId
    this.#api = api
    this.#clock = clock
    this.#onChange = onChange
    this.#world = world
    this.#stream = new Stream(`/api/plots/${encodeURIComponent(plotId)}/events`, this.#streamListeners, world)
    this.#poll = new Poll(api, this.#pollListeners, world)
  }

  async open() {
    await this.#read()
    this.resume()
  }

  resume() {
    if (!hasEnded(this.#state)) this.#stream.open()
  }

  wake() {
    this.#stream.wake()
  }

  close() {
    this.#stream.close()
    this.#poll.stop()
  }

  async addCharacter(fields) {
    const character = await this.#api.addCharacter(this.#plotId, fields)
    this.#ownChanges++
    this.#move(withCharacter(this.#state, character))
  }

  draw(characterId) {
    return this.#request(characterId, ({ image }) => this.#api.draw(characterId, image.task_id))
  }

  cancel(characterId) {
    return this.#request(characterId, () => this.#api.cancel(characterId))
  }

  // The button is the person's, the state is the server's: nothing moves before it has answered.
  async #request(characterId, send) {
    const character = find(this.#state, characterId)
    if (!character || character.asking) return

    this.#move(withAsking(this.#state, characterId, true))
    try {
      this.#hear(await send(character))
      this.#move(withAsking(this.#state, characterId, false))
    } catch (problem) {
      this.#move(withAsking(this.#state, characterId, false, problem))
      if ([404, 409].includes(problem.status)) this.#read()
    }
  }

  get #streamListeners() {
    return {
      status: (status) => this.#hear(status),
      progress: (hint) => this.#progress(hint),
      plot: () => this.#read(),
      heartbeat: ({ at }) => this.#clock.hear(at),
      live: () => this.#live(),
      lost: () => this.#lost(),
      refused: () => this.#refused(),
    }
  }

  get #pollListeners() {
    return {
      inFlight: () => this.#state.characters.filter(({ image }) => isInFlight(image)).map(({ id }) => id),
      idle: () => this.#fetchPlot(),
      status: (status) => this.#hear(status),
      reached: () => this.#move(withLink(this.#state, "polling")),
      failed: (problem) => this.#pollFailed(problem),
    }
  }

  // `plot` events are never replayed, so what was added or removed while nothing was heard is read.
  #live() {
    this.#poll.stop()
    this.#move(withLink(this.#state, "live"))
    this.#read()
  }

  #lost() {
    if (this.#state.link === "live" || this.#state.link === "connecting") this.#move(withLink(this.#state, "lost"))
    this.#poll.start()
  }

  // An EventSource does not tell which status refused it; the plot itself does.
  async #refused() {
    await this.#read()
    return !hasEnded(this.#state)
  }

  // Gone is the character or the whole story: reading the story tells which.
  #pollFailed({ status }) {
    if (ENDINGS[status]) this.#read()
    else this.#move(withLink(this.#state, "lost"))
  }

  #hear(status) {
    this.#clock.hear(status.at)
    if (find(this.#state, status.character_id)) this.#move(withStatus(this.#state, status))
    else this.#read()
  }

  // One timer for each hint, and none to cancel: progress that another hint has replaced is not the old one any more.
  #progress(hint) {
    const before = this.#state
    this.#move(withProgress(before, hint))
    if (this.#state === before) return

    const told = find(this.#state, hint.character_id)
    this.#world.setTimeout(() => this.#move(withoutOldProgress(this.#state, told)), HINT_MS)
  }

  // One reading at a time; what is asked for while one runs makes it run once more, for its answer may be too old.
  #read() {
    this.#isStale = true
    this.#reading ??= this.#readWhileStale().finally(() => (this.#reading = null))
    return this.#reading
  }

  async #readWhileStale() {
    while (this.#isStale && !hasEnded(this.#state)) {
      this.#isStale = false
      try {
        await this.#fetchPlot()
      } catch (problem) {
        this.#readFailed(problem)
        return
      }
    }
  }

  async #fetchPlot() {
    const ownChanges = this.#ownChanges
    const plot = await this.#api.plot(this.#plotId)

    // Read before the character we just added was there, it would make the new card vanish for a moment.
    if (ownChanges === this.#ownChanges) this.#move(withPlot(this.#state, plot))
    else this.#isStale = true
  }

  #readFailed({ status }) {
    if (ENDINGS[status]) {
      this.#move(withLink(this.#state, ENDINGS[status]))
      this.close()
    } else if (this.#state.link === "live") {
      this.#world.setTimeout(() => this.#read(), READ_AGAIN_MS)
    }
  }

  #move(next) {
    if (next === this.#state) return

    const previous = this.#state
    this.#state = next
    this.#onChange(next, previous)
  }
}
