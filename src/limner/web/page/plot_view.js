import { Board } from "./board.js"
import { find, hasEnded } from "./story.js"
import { announcement, linkWords } from "./words.js"

const ENDINGS = {
  gone: "This story is gone. It was deleted, or the address was never right.",
  "signed-out": "You are not signed in any more. Sign in and load this page again.",
}

// A story on the page, derived from its state and nothing else.
export class PlotView {
  #section
  #notice
  #announcer
  #board

  constructor(section, notice, announcer, actions) {
    this.#section = section
    this.#notice = notice
    this.#announcer = announcer
    this.#board = new Board(section.querySelector("#board"), document.getElementById("card"), actions)
  }

  show(state, before, nowMs) {
    this.#section.hidden = !state.plot
    this.#section.dataset.link = state.link
    this.#showPlot(state)
    this.#showEnding(state)
    this.#board.show(state, nowMs)
    this.#announce(state, before)
  }

  tick(nowMs) {
    this.#board.tick(nowMs)
  }

  #showPlot({ plot, link }) {
    this.#write("#link", linkWords(link))
    if (!plot) return

    document.title = `${plot.title} · Limner`
    this.#write("#plot-title", plot.title)
    this.#write("#plot-style", plot.style ?? "")
  }

  #showEnding(state) {
    this.#section.querySelector("#new-character").hidden = hasEnded(state)
    if (!hasEnded(state)) return

    this.#notice.hidden = false
    this.#notice.textContent = ENDINGS[state.link]
  }

  #announce(state, before) {
    for (const character of state.characters) {
      const sentence = announcement(character, find(before, character.id))
      if (sentence) this.#announcer.say(sentence)
    }
    if (state.link === "lost" && before.link !== "lost") this.#announcer.say("Connection lost. Reconnecting.")
    if (state.link === "live" && before.link !== "live" && before.link !== "connecting") this.#announcer.say("Connected again.")
  }

  #write(selector, text) {
    const element = this.#section.querySelector(selector)
    if (element.textContent !== text) element.textContent = text
  }
}
