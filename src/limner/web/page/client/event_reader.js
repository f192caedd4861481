// Takes an event stream in pieces, as the WHATWG HTML standard has it, and tells each event once it is whole.
export class EventReader {
  #onEvent
  #onRetry
  #decoder = new TextDecoder()
  #rest = ""
  #type = ""
  #data = []
  #id

  constructor({ onEvent, onRetry, lastEventId = "" }) {
    this.#onEvent = onEvent
    this.#onRetry = onRetry
    this.#id = lastEventId
  }

  read(bytes) {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true })
    // A CR at the very end may be half of a CRLF.
    const end = text.endsWith("\r") ? text.length - 1 : text.length
    const lines = text.slice(0, end).split(/\r\n|\n|\r/)
    this.#rest = lines.pop() + text.slice(end)
    for (const line of lines) this.#readLine(line)
  }

  #readLine(line) {
    if (line === "") return this.#dispatch()

    const [, field, value] = line.match(/^([^:]*):? ?(.*)$/s)
    if (field === "event") this.#type = value
    if (field === "data") this.#data.push(value)
    if (field === "id" && !value.includes("\0")) this.#id = value
    if (field === "retry" && /^[0-9]+$/.test(value)) this.#onRetry(Number(value))
  }

  // The id counts also where there is nothing to tell.
  #dispatch() {
    const [type, data] = [this.#type || "message", this.#data]
    this.#type = ""
    this.#data = []
    this.#onEvent({ type, data: data.length ? data.join("\n") : null, lastEventId: this.#id })
  }
}
