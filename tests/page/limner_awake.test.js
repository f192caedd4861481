import assert from "node:assert/strict"
import { test } from "node:test"

import { character, plot, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, noNetwork, problem } from "./fake_server.js"

const drawn = (seq) => character({ image: status({ seq }) })

async function live() {
  const server = FakeServer.with(drawn(7))
  return { server, ...(await server.watchLive()) }
}

test("a machine that slept is noticed within five seconds of waking, though its timers slept too", async () => {
  const { server } = await live()

  server.clock.sleep(20_000)
  await server.clock.pass(5_000)
  assert.equal(server.streams.length, 2)
  assert.equal(server.stream.url, "/api/plots/plot/events?last_event_id=6")
})

test("after a sleep the connection is replaced at a look, after a glance away it is kept", async () => {
  const { server } = await live()

  server.clock.sleep(5_000)
  server.tell("visibilitychange")
  assert.equal(server.streams.length, 1)

  server.clock.sleep(60_000)
  server.tell("visibilitychange")
  assert.equal(server.streams.length, 2)
})

test("all signs of one awakening open one stream", async () => {
  const { server } = await live()

  server.clock.sleep(60_000)
  for (const name of ["visibilitychange", "pageshow", "online"]) server.tell(name)
  assert.equal(server.streams.length, 2)
})

test("a watch that polls goes on polling while a look tries the stream", async () => {
  const { server, heard } = await FakeServer.polling(character())

  await server.clock.pass(1_000)
  server.tell("visibilitychange")
  await server.clock.pass(1_000)
  assert.equal(server.streams.length, 2)
  assert.deepEqual(heard, ["A story", "polling"])
})

test("a clock that was set back is no silence for long", async () => {
  const { server } = await live()

  server.clock.sleep(-3_600_000)
  await server.clock.pass(5_000)
  assert.equal(server.streams.length, 2)
})

test("a page that is hidden keeps its stream", async () => {
  const { server, heard } = await live()

  server.isHidden = true
  server.clock.sleep(20_000)
  server.tell("visibilitychange")
  assert.equal(server.streams.length, 1)
  server.stream.tells("status", status({ seq: 8 }), 8)
  assert.deepEqual(heard, [["ada", "generating", 8]])
})

test("a page that leaves holds no connection, hears nothing, and asks nothing", async () => {
  const { server, heard } = await live()

  server.tell("pagehide")
  assert.equal(server.stream.readyState, 2)
  server.tell("online")
  await server.clock.pass(600_000)
  assert.deepEqual([heard, server.paths, server.streams.length], [[], [], 1])
})

test("a page that is back reads what happened meanwhile, and is live again", async () => {
  const { server, heard } = await live()

  server.tell("pagehide")
  server.plot = plot(drawn(9))
  server.tell("pageshow")
  await settle()
  server.stream.tells("status", status({ seq: 9 }), 9)
  assert.deepEqual(heard, ["connecting", "A story", ["ada", "generating", 9], "live"])
  assert.equal(server.stream.url, "/api/plots/plot/events?last_event_id=8")
})

test("a page that leaves while it polls asks no more, and goes on when it is back", async () => {
  const { server } = await live()

  server.stream.isRefused()
  await settle()
  server.tell("pagehide")
  server.requests.length = 0
  await server.clock.pass(600_000)
  assert.deepEqual(server.paths, [])
  server.tell("pageshow")
  await settle()
  assert.deepEqual(server.paths, ["/api/plots/plot"])
})

test("the first showing of a page is no return", async () => {
  const { server } = await live()

  server.tell("pageshow")
  await settle()
  assert.deepEqual([server.paths, server.streams.length], [[], 1])
})

test("a network that is gone is told at once, and so is its return", async () => {
  const { server, heard } = await live()

  server.fault = noNetwork
  server.tell("offline")
  await settle()
  assert.deepEqual(heard, ["offline"])
  assert.equal(server.stream.readyState, 2)

  server.fault = () => undefined
  server.tell("online")
  await settle()
  server.stream.tells("heartbeat", {})
  assert.deepEqual(heard.slice(1), ["connecting", "live"])
})

test("an answer that was asked for before the network went is no proof that it is there", async () => {
  const { server, heard } = await live()

  let answer
  server.fault = () => new Promise((resolve) => (answer = () => resolve(undefined)))
  server.stream.tells("plot", {})
  await server.clock.pass(500)
  server.fault = noNetwork
  server.tell("offline")
  answer()
  await server.clock.pass(500)
  assert.deepEqual([heard, server.stream.readyState], [["offline"], 2])
})

test("a question that the network took along is asked anew on its return", async () => {
  const { server, heard } = await FakeServer.polling(drawn(7))

  server.fault = () => new Promise(() => {})
  await server.passRefusing(5_000)
  server.fault = () => undefined
  server.plot = plot(drawn(9))
  server.tell("online")
  await server.clock.pass(500)
  assert.deepEqual(heard.at(-1), ["ada", "generating", 9])
})

test("a server on this machine is not lost with the network", async () => {
  const { server, heard } = await live()

  server.tell("offline")
  await settle()
  assert.deepEqual([heard, server.stream.readyState], [[], 1])
})

test("a server in trouble is not taken for a network that is gone", async () => {
  const { server, heard } = await live()

  server.fault = () => problem(503, "database_unavailable")
  server.tell("offline")
  await settle()
  assert.deepEqual([heard, server.stream.readyState], [[], 1])
})

test("the network's return tries a stream that was waiting to be tried", async () => {
  const { server } = await live()

  for (let times = 0; times < 6; times++) {
    server.stream.isRefused()
    await server.clock.pass(64_000)
  }
  server.stream.isRefused()
  const before = server.streams.length
  server.tell("online")
  assert.equal(server.streams.length, before + 1)
})
