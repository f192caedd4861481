// What a browser's EventSource does, when the test says so.
export class FakeStream extends EventTarget {
  readyState = 0

  constructor(url) {
    super()
    this.url = url
  }

  close() {
    this.readyState = 2
  }

  opens() {
    this.readyState = 1
    this.dispatchEvent(new Event("open"))
  }

  tells(type, data, id = "") {
    this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data), lastEventId: String(id) }))
  }

  breaks() {
    this.readyState = 0
    this.dispatchEvent(new Event("error"))
  }

  isRefused() {
    this.readyState = 2
    this.dispatchEvent(new Event("error"))
  }
}
