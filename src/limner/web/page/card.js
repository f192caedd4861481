import { addressOf } from "./address.js"
import { copyOf, setAttribute, show, write } from "./elements.js"
import { canAsk, isLoading, phaseOf } from "./phase.js"
import { Portrait } from "./portrait.js"
import { Veil } from "./veil.js"
import { drawLabel, settledWords } from "./words.js"

// One character on the page. It keeps nothing but what it was last given to show.
export class Card {
  #element = copyOf("card")
  #portrait = new Portrait(this.#find(".frame"))
  #veil = new Veil(this.#element)
  #character
  #connection
  #phase

  // onDraw, onKeepWaiting and onCancel get the character's id.
  constructor({ onDraw, onKeepWaiting, onCancel }) {
    this.#find(".draw").addEventListener("click", () => {
      if (this.#phase === "late") onKeepWaiting(this.#character.id)
      else if (this.#canDraw) onDraw(this.#character.id)
    })
    this.#find(".cancel").addEventListener("click", () => onCancel(this.#character.id))
    this.#find(".copy").addEventListener("click", () => this.#copy())
  }

  get element() {
    return this.#element
  }

  get phase() {
    return this.#phase
  }

  focus() {
    this.#find(".draw").focus()
  }

  close() {
    this.#portrait.close()
    this.#element.remove()
  }

  show(character, connection, nowMs) {
    const isSame = character === this.#character
    if (isSame && connection === this.#connection) return

    this.#character = character
    this.#connection = connection
    this.#phase = null
    if (!isSame) {
      this.#showCharacter(character)
      this.#showFailure(character.image)
    }
    this.tick(nowMs)
    this.#showActions(this.#phase)
  }

  // Time alone turns a wait into one that has been too long; beyond that a running clock changes words, nothing else.
  tick(nowMs) {
    const phase = phaseOf(this.#character, nowMs)
    const isNew = phase !== this.#phase
    if (isNew) this.#showPhase(phase)
    if (isLoading(phase)) this.#veil.show(this.#character, phase, this.#connection, nowMs)
    else if (isNew) this.#veil.clear()
  }

  #showCharacter({ id, plot_id: plotId, name, description, image, image_url }) {
    setAttribute(this.#element, "data-character-id", id)
    setAttribute(this.#element, "data-status", image.status)
    this.#write(".name", name)
    this.#write(".description", description)
    this.#write(".initial", Array.from(name)[0]?.toUpperCase() ?? "")
    this.#portrait.show(image_url, `Portrait of ${name}`)
    this.#showLink(".edit", { plotId, dialog: "edit", characterId: id }, `Edit ${name}`)

    const portraits = { plotId, dialog: "portrait", characterId: id }
    this.#showLink(".open", portraits, `Look at ${name}, and at earlier images`)
    const download = this.#find(".download")
    setAttribute(download, "href", image_url ?? "")
    setAttribute(download, "aria-label", `Download the portrait of ${name}`)
    for (const part of [".open", ".tools"]) show(this.#find(part), Boolean(image_url))
  }

  #showLink(selector, place, label) {
    const link = this.#find(selector)
    setAttribute(link, "href", addressOf(place))
    setAttribute(link, "aria-label", label)
  }

  #showPhase(phase) {
    this.#phase = phase
    setAttribute(this.#element, "data-phase", phase)
    setAttribute(this.#element, "aria-busy", String(isLoading(phase)))
    this.#write(".status", isLoading(phase) ? "" : settledWords(this.#character, phase, this.#connection))
    this.#showActions(phase)
  }

  #showFailure({ status, error_code, task_id }) {
    this.#find(".failure").hidden = status !== "failed"
    this.#write(".code", error_code ?? "")
    this.#write(".task", task_id ?? "")
    // Browsers keep the clipboard from a page that came over plain http; the texts themselves can be marked.
    this.#find(".copy").hidden = !navigator.clipboard
    this.#write(".copy", "Copy")
  }

  #showActions(phase) {
    const { name, trouble } = this.#character
    const draw = this.#find(".draw")
    this.#write(".draw", drawLabel(this.#character, phase, this.#connection))
    // Not `disabled`, which would throw the keyboard's focus away just when the wait begins.
    setAttribute(draw, "aria-disabled", String(phase !== "late" && !this.#canDraw))

    const cancel = this.#find(".cancel")
    const isOver = canAsk(this.#character) || this.#connection === "gone"
    // A button that goes away must not take the keyboard's place on the page with it.
    if (isOver && cancel === document.activeElement) draw.focus()
    setAttribute(cancel, "aria-label", `Cancel the image of ${name}`)
    show(cancel, !isOver)
    show(this.#find(".trouble"), Boolean(trouble))
    this.#write(".trouble", trouble?.message ?? "")
  }

  get #canDraw() {
    return canAsk(this.#character) && this.#connection !== "gone"
  }

  async #copy() {
    const { error_code, task_id } = this.#character.image
    await navigator.clipboard.writeText(`${error_code} ${task_id}`)
    this.#write(".copy", "Copied")
  }

  #find(selector) {
    return this.#element.querySelector(selector)
  }

  #write(selector, text) {
    write(this.#find(selector), text)
  }
}
