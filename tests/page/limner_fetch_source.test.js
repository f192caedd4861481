import assert from "node:assert/strict"
import { test } from "node:test"

import { EventReader } from "../../src/limner/web/page/client/event_reader.js"
import { FetchSource } from "../../src/limner/web/page/client/fetch_source.js"
import { FakeClock, settle } from "./fake_clock.js"

function reader() {
  const events = []
  const retries = []
  const reader = new EventReader({ onEvent: (event) => events.push(event), onRetry: (ms) => retries.push(ms) })
  const readBytes = (bytes) => reader.read(bytes)
  return { events, retries, readBytes, read: (text) => readBytes(new TextEncoder().encode(text)) }
}

test("an event is told once it is whole, whatever its lines end with", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const { events, read } = reader()
    read(["id: 7", "event: status", 'data: {"seq":7}', ""].join(end))
    assert.deepEqual(events, [])
    read(`${end}:`)
    assert.deepEqual(events, [{ type: "status", data: '{"seq":7}', lastEventId: "7" }])
  }
})

test("an event is the same in however many pieces it comes", () => {
  const bytes = new TextEncoder().encode("retry: 1731\r\n\r\nid: 7\r\nevent: status\r\ndata: é\r\ndata:b\r\n\r\n")
  const { events, retries, readBytes } = reader()
  for (const byte of bytes) readBytes(Uint8Array.of(byte))

  assert.deepEqual(retries, [1731])
  assert.deepEqual(events.filter(({ data }) => data !== null), [{ type: "status", data: "é\nb", lastEventId: "7" }])
})

test("a comment, an unknown field and a retry that is no number say nothing", () => {
  const { events, retries, read } = reader()
  read(": hello\ncolour: red\nretry: soon\ndata: x\n\n")

  assert.deepEqual([retries, events], [[], [{ type: "message", data: "x", lastEventId: "" }]])
})

test("an id stands until another comes", () => {
  const { events, read } = reader()
  read("id: 7\ndata: a\n\ndata: b\n\nid: 8\n\nid: 9\0\ndata: c\n\n")

  const told = events.map(({ data, lastEventId }) => [data, lastEventId])
  assert.deepEqual(told, [["a", "7"], ["b", "7"], [null, "8"], ["c", "8"]])
})

// A source whose answers the test gives one after the other; `body.write` and `body.end` are theirs.
function opened(...answers) {
  const clock = new FakeClock()
  const requests = []
  const platform = {
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    clearTimeout: (timer) => clock.clearTimeout(timer),
    fetch: async (url, { headers, signal }) => {
      requests.push({ url, headers, signal, at: clock.now() })
      return (answers.shift() ?? stream())()
    },
  }
  const headers = async () => ({ Authorization: "Bearer token" })
  const source = new FetchSource("/events", { headers, credentials: "same-origin" }, platform)
  const heard = []
  for (const name of ["open", "error", "byte"]) source.addEventListener(name, () => heard.push(name))
  source.addEventListener("status", ({ data, lastEventId }) => heard.push([data, lastEventId]))
  return { clock, requests, source, heard }
}

function stream(body = new Body(), { status = 200, type = "text/event-stream; charset=utf-8" } = {}) {
  return () => ({ status, headers: new Headers({ "Content-Type": type }), body })
}

class Body {
  #pieces = []
  #waiting = null

  write(text) {
    this.#give({ done: false, value: new TextEncoder().encode(text) })
  }

  end() {
    this.#give({ done: true })
  }

  getReader() {
    return { read: () => new Promise((resolve) => (this.#waiting = resolve, this.#flush())) }
  }

  #give(piece) {
    this.#pieces.push(piece)
    this.#flush()
  }

  #flush() {
    if (!this.#waiting || this.#pieces.length === 0) return
    const resolve = this.#waiting
    this.#waiting = null
    resolve(this.#pieces.shift())
  }
}

test("a stream is asked for with the headers, and any byte of it shows", async () => {
  const body = new Body()
  const { requests, source, heard } = opened(stream(body))
  await settle()
  body.write("retry: 1000\n\n")
  await settle()
  assert.deepEqual([heard, source.readyState], [["open", "byte"], 1])
  assert.equal(requests[0].headers.Authorization, "Bearer token")

  body.write("id: 7\nevent: status\ndata: x\n\n")
  await settle()
  assert.deepEqual(heard.slice(2), ["byte", ["x", "7"]])
})

test("a stream that ends is opened again when the server said, from the last id", async () => {
  const body = new Body()
  const { clock, requests, source, heard } = opened(stream(body))
  await settle()
  body.write("retry: 1731\n\nid: 7\nevent: status\ndata: x\n\nid: 8\nevent: status\ndata: broken")
  body.end()
  await settle()
  assert.deepEqual([heard.at(-1), source.readyState], ["error", 0])

  await clock.pass(1_730)
  assert.equal(requests.length, 1)
  await clock.pass(1)
  assert.equal(requests[1].headers["Last-Event-ID"], "7")
})

test("a network that breaks is tried again", async () => {
  const { clock, requests, source } = opened(() => {
    throw new TypeError("fetch failed")
  })
  await clock.pass(3_000)

  assert.deepEqual([requests.length, source.readyState], [2, 1])
})

for (const [name, answer] of [
  ["204", stream(null, { status: 204 })],
  ["503", stream(new Body(), { status: 503 })],
  ["a page of HTML", stream(new Body(), { type: "text/html" })],
]) {
  test(`${name} is the end`, async () => {
    const { clock, requests, source, heard } = opened(answer)
    await clock.pass(60_000)

    assert.deepEqual([heard, source.readyState, requests.length], [["error"], 2, 1])
    assert.equal(requests[0].signal.aborted, true)
  })
}

test("a closed source tells nothing and does not come back", async () => {
  const body = new Body()
  const { clock, requests, source, heard } = opened(stream(body))
  await settle()
  source.close()
  body.write("event: status\ndata: x\n\n")
  body.end()
  await clock.pass(60_000)

  assert.deepEqual([heard, requests.length, requests[0].signal.aborted], [["open"], 1, true])
})
