import assert from "node:assert/strict"
import { test } from "node:test"

import { character, plot, status } from "./examples.js"
import { FakeServer, json } from "./fake_server.js"

const drawn = (seq, values = {}) => character({ image: status({ seq, ...values }) })

// Answers as the server does: 304 for who has the plot as it is.
function withEtags(server) {
  const etag = () => `"${JSON.stringify(server.plot).length}-${server.plot.title}"`
  server.fault = ({ path, headers }) => {
    if (path !== "/api/plots/plot") return undefined
    const isKnown = headers["If-None-Match"] === etag()
    server.answered = isKnown ? 304 : 200
    return isKnown ? json(304, null, { ETag: etag() }) : json(200, server.plot, { ETag: etag() })
  }
}

test("a plot that is as it was is not sent again, and nothing is told of it", async () => {
  const server = FakeServer.with(drawn(7, { status: "completed" }))
  withEtags(server)
  const { heard } = await server.watchLive()

  server.stream.tells("plot", {})
  await server.clock.pass(500)
  assert.deepEqual([heard, server.answered], [[], 304])
})

test("a plot that has changed since is sent, and told", async () => {
  const server = FakeServer.with(drawn(7, { status: "completed" }))
  withEtags(server)
  const { heard } = await server.watchLive()

  server.plot = { ...plot(drawn(7, { status: "completed" })), title: "Another title" }
  server.stream.tells("plot", {})
  await server.clock.pass(500)
  assert.deepEqual([heard, server.answered], [["Another title"], 200])
  server.stream.tells("plot", {})
  await server.clock.pass(500)
  assert.deepEqual([heard, server.answered], [["Another title"], 304])
})
