import assert from "node:assert/strict"
import { test } from "node:test"

import { character, plot, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, noNetwork, page, problem } from "./fake_server.js"

const drawn = (seq, values = {}) => character({ image: status({ seq, ...values }) })

test("forty seconds without a word open a new stream", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.stream.tells("status", status({ seq: 9 }), 9)
  await server.clock.pass(40_000)
  assert.equal(server.streams.length, 1)
  await server.clock.pass(5_000)
  assert.equal(server.streams.length, 2)
  assert.equal(server.streams[0].readyState, 2)
  assert.equal(server.stream.url, "/api/plots/plot/events?last_event_id=8")
  assert.deepEqual(heard, [["ada", "generating", 9], "connecting"])
})

test("what a dropped connection still says is not heard", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  await server.clock.pass(45_000)
  heard.length = 0
  server.streams[0].tells("status", status({ seq: 9 }), 9)
  server.streams[0].isRefused()
  assert.deepEqual(heard, [])
})

for (const [name, answer, connection] of [
  ["a proxy's 503", () => undefined, "polling"],
  ["an expired cookie", () => problem(401, "unauthorized"), "offline"],
  ["a network that is away", noNetwork, "offline"],
]) {
  test(`a stream refused for good by ${name} comes back when it can`, async () => {
    const server = FakeServer.with(drawn(7))
    const { heard } = await server.watchLive()

    server.fault = answer
    server.stream.isRefused()
    await settle()
    assert.equal(heard.at(-1), connection)

    server.fault = () => undefined
    await server.clock.pass(2_000)
    server.stream.tells("status", status({ seq: 8 }), 8)
    assert.deepEqual(heard.slice(-2), ["live", ["ada", "generating", 8]])
  })
}

test("why it is offline is told", async () => {
  const server = FakeServer.with(drawn(7))
  const told = []
  server.fault = () => problem(401, "unauthorized")
  server.limner().watchPlot("plot", { onConnection: (connection, trouble) => told.push([connection, trouble?.code]) })
  await settle()

  assert.deepEqual(told, [["offline", "unauthorized"]])
})

test("when it turns out why it is offline, that is told too", async () => {
  const server = FakeServer.with(drawn(7))
  const told = []
  server.fault = noNetwork
  server.limner().watchPlot("plot", { onConnection: (connection, trouble) => told.push([connection, trouble?.code]) })
  await settle()
  server.fault = () => problem(401, "unauthorized")
  await server.clock.pass(60_000)

  assert.deepEqual(told, [["offline", "unreachable"], ["offline", "unauthorized"]])
})

test("a 404 that is not the server's own word does not end the watch", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.fault = () => page(404)
  server.stream.isRefused()
  await settle()
  assert.equal(heard.at(-1), "offline")
  server.fault = () => undefined
  await server.clock.pass(2_000)
  server.stream.tells("heartbeat", {})
  assert.equal(heard.at(-1), "live")
})

test("a plot that was removed ends the watch", async () => {
  const server = FakeServer.with(drawn(7, { status: "completed" }))
  const { heard, watch } = await server.watchLive()

  server.fault = () => problem(404, "not_found")
  server.stream.isRefused()
  await settle()
  await server.clock.pass(600_000)
  assert.deepEqual(heard, ["connecting", "gone"])
  assert.equal(watch.connection, "gone")
  assert.equal(server.requests.length, 1)
  assert.equal(server.streams.length, 1)
})

test("a closed watch tells nothing and asks nothing", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard, watch } = await server.watchLive()

  server.stream.tells("plot", {})
  await settle()
  server.requests.length = 0
  watch.close()
  assert.equal(server.clock.timers, 0)
  server.stream.tells("status", status({ seq: 8 }), 8)
  server.tell("online")
  watch.refresh()
  await server.clock.pass(600_000)
  assert.deepEqual([heard, server.paths, server.stream.readyState], [[], [], 2])
})

test("a watch that its own listener closes tells nothing more", async () => {
  const server = FakeServer.with(drawn(7))
  const heard = []
  const watch = server.limner().watchPlot("plot", {
    onPlot: () => watch.close(),
    onStatus: ({ seq }) => heard.push(seq),
  })
  await server.clock.pass(60_000)

  assert.deepEqual([heard, server.requests.length, server.streams.length], [[], 1, 0])
})

test("a listener that throws is reported, and the watch goes on", async () => {
  const server = FakeServer.with(drawn(7))
  const reported = []
  const limner = server.limner({ report: ({ message }) => reported.push(message) })
  const heard = []
  limner.watchPlot("plot", {
    onPlot: () => { throw new Error("mine") },
    onStatus: ({ seq }) => heard.push(seq),
  })
  await settle()

  assert.deepEqual([reported, heard], [["mine"], [7]])
})
