import { copyOf } from "./elements.js"

// A button that asks once more before it removes something for good.
export class Removal {
  #form
  #ask
  #confirm
  #trouble
  #about = 0

  // remove throws a LimnerError when it could not be done.
  constructor(form, remove) {
    this.#form = form
    this.#ask = form.querySelector(".remove")
    this.#confirm = copyOf("confirm")
    form.append(this.#confirm)
    this.#trouble = this.#confirm.querySelector(".objection")
    this.#ask.addEventListener("click", () => this.#show(true))
    form.querySelector(".keep").addEventListener("click", () => this.#show(false))
    form.querySelector(".remove-now").addEventListener("click", () => this.#run(remove))
  }

  // isPossible is false for what is only about to be made.
  reset(isPossible, sentence) {
    this.#about++
    this.#trouble.textContent = ""
    this.#confirm.querySelector("p").textContent = sentence
    this.#confirm.hidden = true
    this.#ask.hidden = !isPossible
  }

  #show(isAsking) {
    this.#confirm.hidden = !isAsking
    this.#ask.hidden = isAsking
    const next = isAsking ? this.#form.querySelector(".keep") : this.#ask
    next.focus()
  }

  async #run(remove) {
    const about = this.#about
    try {
      await remove()
    } catch (error) {
      if (error.name !== "LimnerError") throw error
      // It may be about somebody else by now.
      if (this.#about === about) this.#trouble.textContent = error.message
    }
  }
}
