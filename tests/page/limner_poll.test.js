import assert from "node:assert/strict"
import { test } from "node:test"

import { character, neverDrawn, plot, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, json, noNetwork, problem } from "./fake_server.js"

const inFlight = (id, seq) => character({ id, image: status({ character_id: id, seq }) })
const statusPath = (id) => `/api/characters/${id}/image/status`
const plotPath = "/api/plots/plot"

test("a refused stream is polled for at once, and what comes is told once", async () => {
  const { server, heard } = await FakeServer.polling(inFlight("ada", 2))

  server.plot = plot(inFlight("ada", 3))
  await server.passRefusing(5_000)
  assert.deepEqual(heard, ["A story", ["ada", "generating", 2], "polling", ["ada", "generating", 3]])
})

test("a few in flight are asked for one by one, with the tag of the last answer", async () => {
  const { server } = await FakeServer.polling(inFlight("ada", 2), inFlight("bob", 3))

  await server.passRefusing(2_000)
  server.requests.length = 0
  await server.passRefusing(1_000)
  assert.deepEqual(
    server.requests.map(({ path, headers }) => [path, headers["If-None-Match"], headers.Prefer]),
    [[statusPath("ada"), '"2"', undefined], [statusPath("bob"), '"3"', undefined]],
  )
})

test("many in flight are one question a second: the plot", async () => {
  const many = ["a", "b", "c", "d", "e", "f"].map((id, index) => inFlight(id, index + 1))
  const { server } = await FakeServer.polling(...many)

  server.requests.length = 0
  await server.passRefusing(3_000)
  assert.deepEqual(server.paths, [plotPath, plotPath, plotPath])
})

test("with nothing in flight the plot is read every five seconds", async () => {
  const { server } = await FakeServer.polling(character())

  server.requests.length = 0
  await server.passRefusing(20_000)
  assert.deepEqual(server.paths, [plotPath, plotPath, plotPath, plotPath])
})

test("a plot that did not change is told once", async () => {
  const { server, heard } = await FakeServer.polling(character())

  await server.passRefusing(20_000)
  assert.deepEqual(heard, ["A story", "polling"])
})

test("in a hidden tab there is a question each half minute, none is held, and a look asks at once", async () => {
  const { server } = await FakeServer.polling(inFlight("ada", 2))
  server.isHidden = true
  await server.passRefusing(40_000)

  server.requests.length = 0
  server.held.length = 0
  await server.passRefusing(120_000)
  assert.ok(server.requests.length <= 4, `${server.requests.length} questions in two minutes`)
  assert.deepEqual(server.held, [])

  server.requests.length = 0
  server.isHidden = false
  server.tell("visibilitychange")
  await settle()
  assert.equal(server.requests.length, 1)
})

test("failures make the waits longer, as long as the server wants, and are told as offline", async () => {
  const { server, heard } = await FakeServer.polling(character())
  server.fault = () => problem(503, "database_unavailable", { "Retry-After": "9" })

  await server.passRefusing(5_000)
  server.requests.length = 0
  await server.passRefusing(8_500)
  assert.deepEqual(server.requests, [])
  await server.passRefusing(1_000)
  assert.equal(server.requests.length, 1)
  assert.equal(heard.at(-1), "offline")

  server.fault = () => undefined
  await server.passRefusing(10_000)
  assert.equal(heard.at(-1), "polling")
})

test("a network that is away is asked for less and less often", async () => {
  const { server } = await FakeServer.polling(character())
  server.fault = noNetwork

  await server.passRefusing(20_000)
  server.requests.length = 0
  await server.passRefusing(60_000)
  assert.ok(server.requests.length <= 4, `${server.requests.length} questions in a minute`)
})

test("a character that was removed has the plot read, which goes on being watched", async () => {
  const { server, heard } = await FakeServer.polling(inFlight("ada", 2), inFlight("bob", 3))

  server.plot = { ...plot(inFlight("ada", 2)), title: "Without Bob" }
  server.fault = ({ path }) => (path === statusPath("bob") ? problem(404, "not_found") : undefined)
  await server.passRefusing(2_000)
  assert.equal(heard.at(-1), "Without Bob")
})

test("a plot that was removed ends the watch", async () => {
  const { server, heard } = await FakeServer.polling(character())

  server.fault = () => problem(404, "not_found")
  await server.passRefusing(5_000)
  assert.equal(heard.at(-1), "gone")
  server.requests.length = 0
  await server.passRefusing(60_000)
  assert.deepEqual(server.requests, [])
})

test("an older answer never overwrites a newer one", async () => {
  const { server, heard, limner } = await FakeServer.polling(inFlight("ada", 2))

  server.fault = ({ method }) => (method === "POST" ? json(200, status({ seq: 5, status: "canceled" })) : undefined)
  await limner.cancelCharacterImage("ada")
  await server.passRefusing(10_000)
  assert.deepEqual(heard.filter(Array.isArray), [["ada", "generating", 2], ["ada", "canceled", 5]])
})

test("what a command was answered shows at once, and what is in flight is asked for without delay", async () => {
  const { server, heard, limner } = await FakeServer.polling(character({ image: neverDrawn() }))

  server.requests.length = 0
  server.fault = ({ method }) => (method === "POST" ? json(202, status({ seq: 1, status: "pending" })) : undefined)
  await limner.generateCharacterImage("ada")
  await settle()
  assert.deepEqual(heard.at(-1), ["ada", "pending", 1])
  assert.deepEqual(server.paths.slice(1), [statusPath("ada")])
})

test("a command for a character that is new has the plot read", async () => {
  const { server, heard, limner } = await FakeServer.polling(character())

  const bob = status({ character_id: "bob", seq: 1, status: "pending" })
  server.fault = ({ method }) => (method === "POST" ? json(202, bob) : undefined)
  server.plot = plot(character(), character({ id: "bob", image: bob }))
  await limner.generateCharacterImage("bob")
  await server.passRefusing(1_000)
  assert.deepEqual(heard.slice(-2), [["bob", "pending", 1], "A story"])
})

test("a command for another plot is no news of this one", async () => {
  const { server, heard, limner } = await FakeServer.polling(character())

  const eve = status({ character_id: "eve", plot_id: "another", seq: 1 })
  server.fault = ({ method }) => (method === "POST" ? json(202, eve) : undefined)
  await limner.generateCharacterImage("eve")
  assert.deepEqual(heard, ["A story", "polling"])
})

test("a stream that works again takes over, from where polling has come", async () => {
  const { server, heard, watch } = await FakeServer.polling(inFlight("ada", 2))

  server.plot = plot(inFlight("ada", 6))
  server.fault = ({ headers }) => (headers.Prefer ? json(304, null, { ETag: '"6"' }) : undefined)
  for (let steps = 0; steps < 200 && watch.transport !== "stream"; steps++) {
    await server.clock.pass(250)
    await settle()
    if (server.stream.url.endsWith("=5")) server.stream.tells("status", status({ seq: 6 }), 6)
    else if (server.stream.readyState === 0) server.stream.isRefused()
  }
  await settle()
  assert.deepEqual(heard.slice(2).filter((told) => told !== "A story"), ["polling", ["ada", "generating", 6], "live"])

  server.requests.length = 0
  await server.clock.pass(15_000)
  assert.deepEqual(server.requests, [])
})
