import assert from "node:assert/strict"
import { test } from "node:test"

import { character, plot, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer } from "./fake_server.js"

const drawn = (seq, values = {}) => character({ image: status({ seq, ...values }) })

test("a stream is asked for the newest transition again, which proves at once that events get through", async () => {
  const server = FakeServer.with(drawn(7), character({ id: "bob", image: status({ character_id: "bob", seq: 4 }) }))
  server.watch()
  await settle()

  assert.equal(server.stream.url, "/api/plots/plot/events?last_event_id=6")
})

test("a stream of a plot without drawings is asked for from the beginning", async () => {
  const server = FakeServer.with(character())
  server.watch()
  await settle()

  assert.equal(server.stream.url, "/api/plots/plot/events")
})

test("an open connection over which nothing comes is not live, and is given up within five seconds", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = server.watch()
  await settle()
  server.stream.opens()

  await server.clock.pass(4_999)
  assert.equal(heard.includes("live"), false)
  assert.equal(server.stream.readyState, 1)

  await server.clock.pass(1)
  assert.equal(heard.at(-1), "polling")
  assert.equal(server.stream.readyState, 2)
})

test("where no event is due at once, there is time until the first heartbeat, and polling meanwhile", async () => {
  const server = FakeServer.with(character())
  const { heard } = server.watch()
  await settle()
  server.stream.opens()

  await server.clock.pass(15_000)
  assert.deepEqual(heard, ["A story", "polling"])
  server.stream.tells("heartbeat", {})
  assert.equal(heard.at(-1), "live")
})

for (const [name, begin] of [
  ["that opened", (stream) => stream.opens()],
  ["whose head is kept back too", () => {}],
]) {
  test(`where not even a heartbeat comes, a connection ${name} is given up`, async () => {
    const server = FakeServer.with(character())
    server.watch()
    await settle()
    begin(server.stream)

    await server.clock.pass(20_000)
    assert.equal(server.streams[0].readyState, 2)
  })
}

test("a stream that was given up is tried again, later each time, and its success is forgotten failure", async () => {
  const server = FakeServer.with(character())
  const { heard } = server.watch()
  await settle()

  for (const ms of [2_000, 4_000, 8_000]) {
    const before = server.streams.length
    server.stream.isRefused()
    await server.clock.pass(ms - 1)
    assert.equal(server.streams.length, before)
    await server.clock.pass(1)
    assert.equal(server.streams.length, before + 1)
  }

  server.stream.tells("heartbeat", {})
  assert.equal(heard.at(-1), "live")
  const before = server.streams.length
  server.stream.isRefused()
  await server.clock.pass(2_000)
  assert.equal(server.streams.length, before + 1)
})

test("no question is asked while the stream is live", async () => {
  const server = FakeServer.with(drawn(7))
  await server.watchLive()

  for (let beats = 0; beats < 20; beats++) {
    await server.clock.pass(15_000)
    server.stream.tells("heartbeat", {})
  }
  assert.deepEqual(server.paths, [])
  assert.equal(server.streams.length, 1)
})

test("a break is left to the browser, which is live again a second after it has opened", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.stream.breaks()
  await server.clock.pass(3_000)
  server.stream.opens()
  await server.clock.pass(999)
  assert.deepEqual(heard, ["connecting"])
  await server.clock.pass(1)
  assert.deepEqual(heard, ["connecting", "live"])
  assert.equal(server.streams.length, 1)
  await settle()
  assert.deepEqual(server.paths, ["/api/plots/plot"])
})

test("a way that keeps everything since the browser came back is asked past at once, and given up", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.stream.breaks()
  await server.clock.pass(3_000)
  server.stream.opens()
  await server.clock.pass(1_000)
  server.plot = plot(drawn(8, { status: "completed" }))
  await server.clock.pass(1_000)
  assert.deepEqual(heard, ["connecting", "live", ["ada", "completed", 8]])

  await server.clock.pass(17_999)
  assert.equal(server.streams[0].readyState, 1)
  await server.clock.pass(1)
  assert.equal(server.streams[0].readyState, 2)
  await server.clock.pass(4_000)
  assert.equal(heard.at(-1), "polling")
})

test("who has come back is asked no more once an event has come", async () => {
  const server = FakeServer.with(drawn(7))
  await server.watchLive()

  server.stream.breaks()
  await server.clock.pass(3_000)
  server.stream.opens()
  await server.clock.pass(1_500)
  server.stream.tells("heartbeat", {})
  await server.clock.pass(5_000)
  server.requests.length = 0
  await server.clock.pass(15_000)
  assert.deepEqual([server.requests, server.streams.length], [[], 1])
})

test("a full server that opens and ends at once never looks live", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  for (let times = 0; times < 3; times++) {
    server.stream.breaks()
    await server.clock.pass(15_000)
    server.stream.opens()
  }
  server.stream.breaks()
  await server.clock.pass(15_000)
  assert.deepEqual(heard, ["connecting", "polling"])
})

test("a break of more than five seconds is bridged by polling", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.stream.breaks()
  await server.clock.pass(4_999)
  assert.deepEqual([heard, server.paths], [["connecting"], []])
  await server.clock.pass(1)
  assert.deepEqual([heard, server.paths], [["connecting", "polling"], ["/api/plots/plot"]])
})

test("a full server that opens, says when to come back, and ends, is returned to when it said", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = server.watch()
  await settle()

  for (let times = 0; times < 4; times++) {
    server.stream.opens()
    server.stream.breaks()
    await server.clock.pass(15_000)
  }
  assert.equal(server.streams.length, 1)
  assert.equal(server.stream.readyState, 0)
  assert.deepEqual(heard.slice(2), ["polling"])
})

test("with headers to send the stream is read by fetch, and a greeting that lasts is proof enough", async () => {
  const server = FakeServer.with(character())
  const greeting = { done: false, value: new TextEncoder().encode("retry: 1000\n\n") }
  server.fault = ({ path }) => {
    if (!path.endsWith("/events")) return
    const pieces = [Promise.resolve(greeting), new Promise(() => {})]
    const body = { getReader: () => ({ read: () => pieces.shift() }) }
    return { status: 200, headers: new Headers({ "Content-Type": "text/event-stream" }), body }
  }
  const { heard, watch } = server.watch(undefined, { headers: { Authorization: "Bearer token" } })
  await settle()

  await server.clock.pass(999)
  assert.deepEqual(heard, ["A story"])
  await server.clock.pass(1)
  assert.deepEqual([heard, watch.transport, server.streams.length], [["A story", "live"], "stream", 0])
  assert.equal(server.requests.find(({ path }) => path.endsWith("/events")).headers.Authorization, "Bearer token")
})
