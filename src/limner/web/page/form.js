// A real form, sent by script: one sending at a time, and what the server objects to stands at the field it is about.
export class Form {
  #form
  #send
  #sending = null

  // send gets the fields as an object and throws a LimnerError when they are not taken.
  constructor(form, send) {
    this.#form = form
    this.#send = send
    form.addEventListener("submit", (event) => this.#submit(event))
    form.addEventListener("input", (event) => this.#clear(event.target))
  }

  // With these values, and nothing left of what was here before.
  fill(values) {
    this.#form.reset()
    this.#clearAll()
    this.#nowSending(null)
    for (const input of this.#inputs) input.value = values[input.name] ?? ""
  }

  async #submit(event) {
    event.preventDefault()
    if (this.#sending) return

    const sending = this.#fields
    this.#nowSending(sending)
    try {
      this.#clearAll()
      await this.#send(sending)
    } catch (error) {
      if (error.name !== "LimnerError") throw error
      // The form may be about somebody else by now.
      if (this.#sending === sending) this.#show(error)
    } finally {
      if (this.#sending === sending) this.#nowSending(null)
    }
  }

  #nowSending(fields) {
    this.#sending = fields
    this.#button.setAttribute("aria-disabled", String(fields !== null))
  }

  #show({ errors, message }) {
    this.#clearAll()
    const objectionTo = ({ name }) => errors.find(({ pointer }) => fieldOf(pointer) === name)
    const named = this.#inputs.filter(objectionTo)
    for (const input of named) this.#object(input, objectionTo(input).detail)

    if (named.length === 0) this.#object(this.#button, message)
    named[0]?.focus()
  }

  #object(control, sentence) {
    const line = document.createElement("span")
    line.className = "objection"
    line.id = `${this.#form.id}-${control.name || "form"}-objection`
    line.setAttribute("role", "alert")
    line.textContent = sentence

    if (control === this.#button) this.#form.querySelector(".actions").before(line)
    else control.after(line)
    control.setAttribute("aria-describedby", line.id)
    if (control !== this.#button) control.setAttribute("aria-invalid", "true")
  }

  #clearAll() {
    for (const control of [...this.#inputs, this.#button]) this.#clear(control)
  }

  #clear(control) {
    this.#form.querySelector(`#${control.getAttribute("aria-describedby")}.objection`)?.remove()
    control.removeAttribute("aria-describedby")
    control.removeAttribute("aria-invalid")
  }

  // Not FormData, which in some browsers turns a line's end into CR LF, and the server takes no CR.
  get #fields() {
    return Object.fromEntries(this.#inputs.map(({ name, value }) => [name, value]))
  }

  get #inputs() {
    return [...this.#form.querySelectorAll("input, textarea")]
  }

  get #button() {
    return this.#form.querySelector("button:not([type])")
  }
}

// The first step of a JSON Pointer (RFC 6901): "/name" → "name"; "" is the whole.
function fieldOf(pointer) {
  return pointer.split("/")[1]?.replaceAll("~1", "/").replaceAll("~0", "~") ?? ""
}
