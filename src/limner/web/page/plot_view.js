import { addressOf } from "./address.js"
import { Board } from "./board.js"
import { write } from "./elements.js"
import { hasEnded, undrawn } from "./story.js"
import { connectionWords, tally } from "./words.js"

const NOTICES = {
  offline: "The connection is lost. What you see may be a moment old; it comes back by itself.",
  gone: "This story is gone. It was deleted, or the address was never right.",
  "signed-out": "You are not signed in any more. Sign in, and this page goes on.",
}

// A story on the page, derived from its state and nothing else.
export class PlotView {
  #section
  #notice
  #addLinks
  #board

  constructor(section, actions) {
    this.#section = section
    this.#notice = section.querySelector(".notice")
    this.#addLinks = [...section.querySelectorAll(".add-link")]
    this.#board = new Board(section.querySelector("#board"), actions)
    this.#find("#draw-all").addEventListener("click", () => actions.onDrawAll())
  }

  show(state, nowMs) {
    const { place, plot, connection } = state
    this.#section.hidden = !place.plotId
    if (!place.plotId) return

    this.#section.dataset.connection = connection
    this.#section.dataset.read = plot ? (state.characters.length > 0 ? "some" : "none") : "not-yet"
    this.#showConnection(connection)
    this.#find(".plot-head").hidden = !plot
    if (plot) this.#showPlot(place, plot)
    this.#board.show(state, nowMs)
    this.#showActions(state)
  }

  tick(state, nowMs) {
    this.#board.tick(nowMs)
    write(this.#find("#tally"), tally(state, this.#board.phases))
  }

  focus(characterId) {
    this.#board.focus(characterId)
  }

  #showConnection(connection) {
    write(this.#find("#connection"), connectionWords(connection))
    write(this.#notice.querySelector("p"), NOTICES[connection] ?? "")
    this.#notice.hidden = !NOTICES[connection]
    this.#notice.querySelector("a").hidden = connection !== "gone"
  }

  #showPlot({ plotId }, { title, style }) {
    write(this.#find("#plot-title"), title)
    write(this.#find("#plot-style"), style)
    this.#find("#edit-plot").href = addressOf({ plotId, dialog: "story" })
    for (const link of this.#addLinks) link.href = addressOf({ plotId, dialog: "add" })
  }

  #showActions(state) {
    const left = undrawn(state).length
    const all = this.#find("#draw-all")
    const isOver = left === 0 || hasEnded(state)
    // A button that goes away must not take the keyboard's place on the page with it.
    if (isOver && all === document.activeElement) this.#find("#plot-title").focus()
    all.hidden = isOver
    write(all, left === state.characters.length ? "Generate all" : `Generate ${left} more`)
    this.#find("#deeds").hidden = hasEnded(state) || !state.plot
    write(this.#find("#tally"), tally(state, this.#board.phases))
  }

  #find(selector) {
    return this.#section.querySelector(selector)
  }
}
