import assert from "node:assert/strict"
import { test } from "node:test"

import { character, neverDrawn, plot, progress, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, json, problem } from "./fake_server.js"

const byCharacter = (limner, listeners) => limner.watchCharacter("ada", listeners)

const serverWith = (image) => FakeServer.with(character({ image }))

test("a character is watched by its own stream until its image is final", async () => {
  const server = serverWith(status({ seq: 2 }))
  const { heard } = server.watch(byCharacter)
  await settle()

  assert.equal(server.stream.url, "/api/characters/ada/image/events?last_event_id=1")
  server.stream.tells("status", status({ seq: 2 }), 2)
  server.stream.tells("progress", progress({ progress: 0.4 }))
  server.stream.tells("status", status({ seq: 5, status: "completed" }), 5)
  assert.deepEqual(heard, [["ada", "generating", 2], "live", 0.4, ["ada", "completed", 5], "done"])
  assert.equal(server.stream.readyState, 2)
})

test("an image that is final already needs no stream", async () => {
  const server = serverWith(status({ seq: 2, status: "failed" }))
  const { heard } = server.watch(byCharacter)
  await settle()

  assert.deepEqual(heard, [["ada", "failed", 2], "done"])
  await server.clock.pass(600_000)
  assert.deepEqual([server.requests.length, server.streams.length], [1, 0])
})

test("a stream answered with 204 ends the watch, with the last status", async () => {
  const server = serverWith(status({ seq: 2 }))
  const { heard } = server.watch(byCharacter)
  await settle()

  server.plot = plot(character({ image: status({ seq: 3, status: "canceled" }) }))
  server.stream.isRefused()
  await server.clock.pass(1_000)
  assert.deepEqual(heard.slice(-2), [["ada", "canceled", 3], "done"])
  await server.clock.pass(600_000)
  assert.equal(server.streams.length, 1)
})

test("a character that was never drawn is waited for", async () => {
  const server = serverWith(neverDrawn())
  const { heard } = server.watch(byCharacter)
  await settle()

  assert.equal(server.stream.url, "/api/characters/ada/image/events")
  server.stream.tells("heartbeat", {})
  server.stream.tells("status", status({ seq: 1, status: "pending" }), 1)
  assert.deepEqual(heard, ["live", ["ada", "pending", 1]])
})

test("a stream that came back in silence is asked past", async () => {
  const server = serverWith(status({ seq: 2 }))
  const { heard } = await server.watchLive(byCharacter)

  server.stream.breaks()
  server.stream.opens()
  await server.clock.pass(1_000)
  server.plot = plot(character({ image: status({ seq: 3, status: "completed" }) }))
  server.held[0].settle()
  await settle()
  assert.deepEqual(heard, ["connecting", "live", ["ada", "completed", 3], "done"])
})

test("without a stream its answers are held for twenty seconds", async () => {
  const server = serverWith(status({ seq: 2 }))
  const { heard } = server.watch(byCharacter)
  await settle()
  server.stream.isRefused()
  await settle()
  await server.clock.pass(1_000)

  assert.equal(server.held.at(-1).headers.Prefer, "wait=20")
  server.plot = plot(character({ image: status({ seq: 3, status: "completed" }) }))
  server.held.at(-1).settle()
  await settle()
  assert.deepEqual(heard.slice(-2), [["ada", "completed", 3], "done"])
})

test("in a hidden tab no answer is held", async () => {
  const server = serverWith(status({ seq: 2 }))
  server.isHidden = true
  server.watch(byCharacter)
  await settle()
  server.stream.isRefused()

  await server.clock.pass(120_000)
  assert.deepEqual(server.held, [])
})

test("a character that was removed ends the watch", async () => {
  const server = serverWith(status({ seq: 2 }))
  const { heard } = server.watch(byCharacter)
  await settle()

  server.fault = () => problem(404, "not_found")
  server.stream.isRefused()
  await server.clock.pass(600_000)
  assert.deepEqual(heard.slice(-1), ["gone"])
})

test("what is canceled here is done at once, and another's cancel is not ours", async () => {
  const server = serverWith(status({ seq: 2 }))
  const { heard, limner } = server.watch(byCharacter)
  await settle()

  server.fault = ({ path }) => {
    const [, id] = path.match(/(\w+)\/image\/cancel$/) ?? []
    if (id) return json(200, status({ character_id: id, seq: 3, status: "canceled" }))
  }
  await limner.cancelCharacterImage("bob")
  assert.deepEqual(heard, [["ada", "generating", 2]])
  await limner.cancelCharacterImage("ada")
  assert.deepEqual(heard.slice(1), [["ada", "canceled", 3], "done"])
})
