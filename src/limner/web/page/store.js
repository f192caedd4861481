// Holds the page's one state. Whoever changes it names a door: a function of the state, and of what has happened, that
// gives the next one, or the same object when nothing changed.
export class Store {
  #state
  #onChange

  // onChange gets the state and the one before it.
  constructor(state, onChange) {
    this.#state = state
    this.#onChange = onChange
  }

  get state() {
    return this.#state
  }

  move(door, ...happened) {
    const before = this.#state
    this.#state = door(before, ...happened)
    if (this.#state !== before) this.#onChange(this.#state, before)
  }
}
