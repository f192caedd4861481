import {
  isReached, withCharacter, withConnection, withoutCharacter, withPatience, withPlot, withPlotChange, withProgress,
  withStatus,
} from "./story.js"

const ADDED_MS = 10_000

// One story being watched, and all that a person can do in it.
export class Desk {
  #plotId
  #limner
  #api
  #store
  #clock
  #errands
  #watch = null
  #isClosed = false
  #ownAddings = new Map()
  #ownRemovals = new Set()

  constructor(plotId, { limner, api, store, clock, errands }) {
    this.#plotId = plotId
    this.#limner = limner
    this.#api = api
    this.#store = store
    this.#clock = clock
    this.#errands = errands
  }

  open() {
    this.#watch = this.#limner.watchPlot(this.#plotId, {
      onPlot: (plot) => this.#move(withPlot, this.#withOwnChanges(plot)),
      onStatus: (status, before) => this.#hear(status, before),
      onProgress: (hint) => this.#move(withProgress, hint, this.#clock.now()),
      onConnection: (connection, trouble) => this.#connect(connection, trouble),
    })
  }

  close() {
    this.#isClosed = true
    this.#watch.close()
  }

  // The button is the person's, the state is the server's: of an image nothing is said before it has answered.
  async draw(characterId) {
    this.#refreshIf(await this.#errands.draw(characterId))
  }

  async drawAll() {
    this.#refreshIf(await this.#errands.drawAll())
  }

  async cancel(characterId) {
    this.#refreshIf(await this.#errands.cancel(characterId))
  }

  keepWaiting(characterId) {
    this.#move(withPatience, characterId, this.#clock.now())
    this.#watch.refresh()
  }

  async addCharacter(fields) {
    const character = await this.#api.addCharacter(this.#plotId, fields)
    this.#ownAddings.set(character.id, this.#clock.now())
    this.#move(withCharacter, character)
    this.#watch.refresh()
    return character
  }

  async changeCharacter(characterId, fields) {
    this.#move(withCharacter, await this.#api.changeCharacter(characterId, fields))
    this.#watch.refresh()
  }

  async deleteCharacter(characterId) {
    await this.#api.deleteCharacter(characterId)
    this.#ownRemovals.add(characterId)
    this.#move(withoutCharacter, characterId)
  }

  async changePlot(fields) {
    this.#move(withPlotChange, await this.#api.changePlot(this.#plotId, fields))
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
    this.#move(withStatus, status, before, this.#clock.now())
  }

  #connect(connection, trouble) {
    this.#move(withConnection, trouble?.status === 401 ? "signed-out" : connection)
    if (isReached(this.#state)) this.#errands.hurry()
  }

  #refreshIf(isOld) {
    if (isOld) this.#watch.refresh()
  }

  // An answer may come when another story is open, of which it says nothing.
  #move(door, ...happened) {
    if (!this.#isClosed) this.#store.move(door, ...happened)
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
