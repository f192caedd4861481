import { Card } from "./card.js"
import { isLoading } from "./phase.js"

// So many at once are still drawn smoothly; of more, the rings move in steps.
const FEW = 6

// The cards of a story, in its order, before the place where one is added.
export class Board {
  #element
  #actions
  #cards = new Map()

  constructor(element, actions) {
    this.#element = element
    this.#actions = actions
  }

  get phases() {
    return [...this.#cards.values()].map(({ phase }) => phase)
  }

  show({ characters, connection }, nowMs) {
    this.#remove(new Set(characters.map(({ id }) => id)))
    characters.forEach((character, place) => this.#cardAt(place, character.id).show(character, connection, nowMs))
    this.#element.toggleAttribute("data-crowded", this.phases.filter(isLoading).length > FEW)
  }

  tick(nowMs) {
    for (const card of this.#cards.values()) card.tick(nowMs)
  }

  focus(characterId) {
    this.#cards.get(characterId)?.focus()
  }

  #remove(kept) {
    for (const [id, card] of this.#cards) {
      if (kept.has(id)) continue
      card.close()
      this.#cards.delete(id)
    }
  }

  #cardAt(place, id) {
    if (!this.#cards.has(id)) this.#cards.set(id, new Card(this.#actions))

    const card = this.#cards.get(id)
    const there = this.#element.children[place]
    // Moving an element would take the focus from what is in it.
    if (there !== card.element) this.#element.insertBefore(card.element, there)
    return card
  }
}
