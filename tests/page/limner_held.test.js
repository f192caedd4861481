import assert from "node:assert/strict"
import { test } from "node:test"

import { character, plot, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, json, noNetwork, page } from "./fake_server.js"

const inFlight = (id, seq) => character({ id, image: status({ character_id: id, seq }) })
const plotPath = "/api/plots/plot"

test("one character in flight is asked for with an answer that is held", async () => {
  const { server, watch } = await FakeServer.polling(inFlight("ada", 2))

  await server.passRefusing(3_000)
  assert.deepEqual(server.held.map(({ headers }) => [headers["If-None-Match"], headers.Prefer]), [['"2"', "wait=5"]])
  assert.equal(server.paths.filter((path) => path === plotPath).length, 1)

  server.held[0].settle()
  await settle()
  assert.equal(watch.transport, "long-poll")
})

test("news of a held answer is told when it comes, and the plot is read after the end", async () => {
  const { server, heard } = await FakeServer.polling(inFlight("ada", 2))

  await server.passRefusing(3_000)
  server.plot = plot(character({ image: status({ seq: 3, status: "completed" }), image_url: "/new.png" }))
  server.held[0].settle()
  await settle()
  assert.deepEqual(heard.at(-1), ["ada", "completed", 3])

  await server.passRefusing(1_000)
  assert.equal(heard.at(-1), "A story")
})

test("a server that does not hold answers is asked no more than once a second", async () => {
  const { server, watch } = await FakeServer.polling(inFlight("ada", 2))
  server.fault = ({ path, headers }) => {
    if (headers.Prefer) return json(304, null, { ETag: '"2"', "Retry-After": "1", "Preference-Applied": "wait=0" })
  }

  await server.passRefusing(4_000)
  server.requests.length = 0
  await server.passRefusing(10_000)
  assert.ok(server.requests.length <= 11, `${server.requests.length} questions in ten seconds`)
  assert.equal(watch.transport, "poll")
})

for (const [name, cut] of [
  ["cut", noNetwork],
  ["answered with a proxy's 504", () => page(504)],
  ["kept", () => new Promise(() => {})],
]) {
  test(`where held answers are ${name}, a plain question is asked each second, for a minute`, async () => {
    const { server, heard, watch } = await FakeServer.polling(inFlight("ada", 2))
    server.fault = ({ headers }) => (headers.Prefer ? cut() : undefined)
    // The first held question and its end.
    await server.passRefusing(15_000)

    server.requests.length = 0
    await server.passRefusing(20_000)
    assert.deepEqual(server.requests.filter(({ headers }) => headers.Prefer), [])
    assert.ok(server.requests.length >= 19 && server.requests.length <= 21, `${server.requests.length} questions`)
    assert.equal(watch.transport, "poll")
    assert.deepEqual(heard.slice(2), ["polling"])

    await server.passRefusing(60_000)
    assert.notDeepEqual(server.requests.filter(({ headers }) => headers.Prefer), [])
  })
}

test("a network that is away is not held against held answers", async () => {
  const { server } = await FakeServer.polling(inFlight("ada", 2))

  server.fault = ({ headers }) => {
    if (!headers.Prefer) return
    server.fault = noNetwork
    noNetwork()
  }
  await server.passRefusing(10_000)
  server.fault = () => undefined
  await server.passRefusing(40_000)
  assert.notDeepEqual(server.held, [])
})
