import { Portrait } from "./portrait.js"
import { hasEnded, isInFlight } from "./story.js"
import { drawLabel, inFlightWords, settledWords } from "./words.js"

// One character on the page. It keeps nothing but what it was last given to show.
export class Card {
  #element
  #portrait
  #character
  #link

  // onDraw and onCancel get the character's id.
  constructor(template, { onDraw, onCancel }) {
    this.#element = template.content.firstElementChild.cloneNode(true)
    this.#portrait = new Portrait(this.#find(".frame"))

    this.#find(".draw").addEventListener("click", () => this.#canDraw && onDraw(this.#character.id))
    this.#find(".cancel").addEventListener("click", () => onCancel(this.#character.id))
    this.#find(".copy").addEventListener("click", () => this.#copy())
  }

  get element() {
    return this.#element
  }

  close() {
    this.#portrait.close()
    this.#element.remove()
  }

  show(character, link, nowMs) {
    if (character === this.#character && link === this.#link) return

    this.#character = character
    this.#link = link
    this.#showCharacter(character)
    this.#showStatus(character)
    this.#showFailure(character.image)
    this.#showActions(character)
    this.tick(nowMs)
  }

  // A running clock changes words and nothing else.
  tick(nowMs) {
    if (!isInFlight(this.#character.image)) return

    const words = inFlightWords(this.#character, this.#link, nowMs)
    for (const [part, text] of Object.entries(words)) this.#write(`.words .${part}`, text)
  }

  #showCharacter({ id, name, description, image, image_url }) {
    this.#element.dataset.characterId = id
    this.#element.dataset.status = image.status
    this.#write(".name", name)
    this.#write(".description", description)
    this.#write(".initial", Array.from(name)[0]?.toUpperCase() ?? "")
    this.#portrait.show(image_url, `Portrait of ${name}`)
  }

  #showStatus(character) {
    const inFlight = isInFlight(character.image)
    this.#write(".status", inFlight ? "" : settledWords(character))

    if (inFlight) this.#showProgress(character.progress?.progress ?? null)
  }

  #showProgress(share) {
    this.#element.dataset.progress = share === null ? "unknown" : "known"
    // Through the object model, which a Content-Security-Policy without inline styles allows.
    this.#element.style.setProperty("--progress", share ?? 0)

    const bar = this.#find("progress")
    if (share === null) bar.removeAttribute("value")
    else bar.value = share
  }

  #showFailure({ status, error_code, task_id }) {
    this.#find(".failure").hidden = status !== "failed"
    this.#write(".code", error_code ?? "")
    this.#write(".task", task_id ?? "")
    // Browsers keep the clipboard from a page that came over plain http; the texts themselves can be marked.
    this.#find(".copy").hidden = !navigator.clipboard
    this.#write(".copy", "Copy")
  }

  #showActions(character) {
    const draw = this.#find(".draw")
    this.#write(".draw", drawLabel(character))
    // Not `disabled`, which would throw the keyboard's focus away just when the wait begins.
    draw.setAttribute("aria-disabled", String(!this.#canDraw))

    const cancel = this.#find(".cancel")
    const isOver = !isInFlight(character.image) || hasEnded({ link: this.#link })
    // A button that goes away must not take the keyboard's place on the page with it.
    if (isOver && cancel === document.activeElement) draw.focus()
    cancel.hidden = isOver

    this.#find(".trouble").hidden = !character.trouble
    this.#write(".trouble", character.trouble?.message ?? "")
  }

  get #canDraw() {
    return !isInFlight(this.#character.image) && !this.#character.asking && !hasEnded({ link: this.#link })
  }

  async #copy() {
    const { error_code, task_id } = this.#character.image
    await navigator.clipboard.writeText(`${error_code} ${task_id}`)
    this.#write(".copy", "Copied")
  }

  #find(selector) {
    return this.#element.querySelector(selector)
  }

  // An unchanged text is left alone, or a live region would speak it again.
  #write(selector, text) {
    const element = this.#find(selector)
    if (element.textContent !== text) element.textContent = text
  }
}
