import assert from "node:assert/strict"
import { test } from "node:test"

import { character, plot, progress, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, json, problem } from "./fake_server.js"

const drawn = (seq, values = {}) => character({ image: status({ seq, ...values }) })

test("a watch reads the plot, then tells each status once though the stream says it again", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = server.watch()
  await settle()

  assert.deepEqual(heard, ["A story", ["ada", "generating", 7]])
  server.stream.tells("status", status({ seq: 7 }), 7)
  server.stream.tells("status", status({ seq: 8, status: "completed" }), 8)
  server.stream.tells("status", status({ seq: 8, status: "completed" }), 8)
  assert.deepEqual(heard.slice(2), ["live", ["ada", "completed", 8]])
})

test("a listener is told what was known before, and that is nothing at first", async () => {
  const server = FakeServer.with(drawn(7))
  const told = []
  server.limner().watchPlot("plot", { onStatus: ({ seq }, before) => told.push([seq, before?.seq ?? null]) })
  await settle()

  server.stream.tells("status", status({ seq: 8 }), 8)
  assert.deepEqual(told, [[7, null], [8, 7]])
})

test("what was not told while no stream was live is read once it is", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = server.watch()
  await settle()

  server.plot = { ...plot(drawn(7)), title: "Another title" }
  server.stream.tells("heartbeat", {})
  await server.clock.pass(500)
  assert.deepEqual(heard.slice(-2), ["live", "Another title"])
})

test("a plot event has the plot read again", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.plot = { ...plot(drawn(7)), title: "Another title" }
  server.stream.tells("plot", {})
  await settle()
  assert.deepEqual([heard, server.paths], [["Another title"], ["/api/plots/plot"]])
})

test("a burst of plot events has the plot read twice a second, and once after the last", async () => {
  const server = FakeServer.with(drawn(7))
  await server.watchLive()

  for (let times = 0; times < 40; times++) {
    server.stream.tells("plot", {})
    await server.clock.pass(50)
  }
  await server.clock.pass(10_000)
  assert.deepEqual(server.requests.map(({ at }) => at - server.requests[0].at), [0, 500, 1_000, 1_500, 2_000])
})

test("a plot event that comes while the plot is read has it read once more", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.stream.tells("plot", {})
  server.fault = () => {
    server.stream.tells("plot", {})
    server.fault = () => undefined
  }
  await settle()
  server.plot = { ...plot(drawn(7)), title: "Another title" }
  await server.clock.pass(500)
  assert.deepEqual(heard, ["Another title"])
})

test("a plot that could not be read is read until it can be, and the stream stays live", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.fault = () => problem(503, "database_unavailable")
  server.stream.tells("plot", {})
  await settle()
  assert.equal(server.requests.length, 1)
  server.fault = () => undefined
  server.plot = { ...plot(drawn(7)), title: "Another title" }
  await server.clock.pass(1_000)
  assert.deepEqual(heard, ["Another title"])
})

test("a plot read before the stream told more keeps the newer image", async () => {
  const server = FakeServer.with(drawn(7))
  const { limner, watch } = await server.watchLive()
  watch.close()
  const plots = []
  limner.watchPlot("plot", { onPlot: ({ characters }) => plots.push(characters[0]) })
  await settle()

  server.stream.tells("status", status({ seq: 8, status: "completed", image_url: "/new.png" }), 8)
  server.plot = { ...plot(drawn(7)), title: "Another title" }
  server.stream.tells("plot", {})
  await server.clock.pass(5_000)
  assert.deepEqual([plots.at(-1).image.seq, plots.at(-1).image_url], [8, "/new.png"])
})

test("a status of a character that is new has the plot read", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  const bob = status({ character_id: "bob", seq: 8, status: "pending" })
  server.plot = { ...plot(drawn(7), character({ id: "bob", image: bob })), title: "Another title" }
  server.stream.tells("status", bob, 8)
  await server.clock.pass(5_000)
  assert.deepEqual(heard, [["bob", "pending", 8], "Another title"])
})

test("a command for a character that is new has the plot read", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard, limner } = await server.watchLive()

  const bob = status({ character_id: "bob", seq: 8, status: "pending" })
  server.fault = ({ method }) => (method === "POST" ? json(202, bob) : undefined)
  server.plot = plot(...server.plot.characters, character({ id: "bob", image: bob }))
  await limner.generateCharacterImage("bob")
  await settle()
  assert.deepEqual(heard, [["bob", "pending", 8], "A story"])
})

test("a transition of a character removed long ago is no news", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.stream.tells("status", status({ character_id: "removed", seq: 5 }), 5)
  assert.deepEqual(heard, [])
})

test("progress is told of the drawing at work, and of no other", async () => {
  const server = FakeServer.with(drawn(7, { task_id: "task-2" }))
  const { heard } = await server.watchLive()

  server.stream.tells("progress", progress({ task_id: "task-2", progress: 0.4 }))
  server.stream.tells("progress", progress({ task_id: "task-1", progress: 0.9 }))
  server.stream.tells("progress", progress({ character_id: "bob", progress: 0.9 }))
  assert.deepEqual(heard, [0.4])
})

test("the picture so far is told as it came", async () => {
  const server = FakeServer.with(drawn(7))
  const told = []
  await server.watchLive((limner) => limner.watchPlot("plot", { onProgress: (hint) => told.push(hint) }))

  const hint = progress({ preview_url: "/api/images/so-far.webp" })
  server.stream.tells("progress", hint)
  assert.deepEqual(told, [hint])
})

test("progress that comes after the end is not told", async () => {
  const server = FakeServer.with(drawn(7))
  const { heard } = await server.watchLive()

  server.stream.tells("status", status({ seq: 8, status: "canceled" }), 8)
  server.stream.tells("progress", progress({ progress: 0.9 }))
  assert.deepEqual(heard, [["ada", "canceled", 8]])
})
