import assert from "node:assert/strict"
import { test } from "node:test"

import { Stream } from "../../src/limner/web/page/stream.js"
import { FakeWorld, settle } from "./fake_world.js"

function opened({ comesBack = true } = {}) {
  const world = new FakeWorld()
  const heard = []
  const note = (name) => (data) => heard.push(data === undefined ? name : [name, data])
  const listeners = {
    status: note("status"), progress: note("progress"), live: note("live"), lost: note("lost"),
    refused: async () => comesBack,
  }
  const stream = new Stream("/events", listeners, world)
  stream.open()
  return { world, heard, stream }
}

test("an event makes the stream live and reaches its listener", () => {
  const { world, heard } = opened()

  world.stream.opens()
  world.stream.tells("status", { seq: 1 }, 1)
  assert.deepEqual(heard, ["live", ["status", { seq: 1 }]])
})

test("a quiet connection is live after a second", async () => {
  const { world, heard } = opened()

  world.stream.opens()
  assert.deepEqual(heard, [])
  await world.pass(1_000)
  assert.deepEqual(heard, ["live"])
})

test("a full server that opens and ends never looks live", async () => {
  const { world, heard } = opened()

  world.stream.opens()
  world.stream.breaks()
  await world.pass(5_000)
  assert.deepEqual(heard, ["lost"])
})

test("silence for two and a half heartbeats opens a new stream after the last id", async () => {
  const { world } = opened()

  world.stream.opens()
  world.stream.tells("status", {}, 7)
  await world.pass(37_000)
  assert.equal(world.streams.length, 1)

  await world.pass(1_000)
  assert.equal(world.streams.length, 2)
  assert.equal(world.streams[0].readyState, 2)
  assert.equal(world.stream.url, "/events?last_event_id=7")
})

test("heartbeats keep a quiet stream open", async () => {
  const { world } = opened()

  for (let beats = 0; beats < 10; beats++) {
    await world.pass(15_000)
    world.stream.tells("heartbeat", {})
  }
  assert.equal(world.streams.length, 1)
})

test("an event without an id leaves the cursor where it is", async () => {
  const { world } = opened()

  world.stream.tells("status", {}, 7)
  world.stream.tells("progress", {})
  await world.pass(38_000)
  assert.equal(world.stream.url, "/events?last_event_id=7")
})

test("a break is left to the browser, which comes back by itself", async () => {
  const { world } = opened()

  world.stream.opens()
  world.stream.breaks()
  await world.pass(10_000)
  assert.equal(world.streams.length, 1)
})

test("a refusal is answered with longer and longer waits, and a success forgets them", async () => {
  const { world } = opened()

  for (const ms of [1_000, 2_000, 4_000]) {
    const before = world.streams.length
    world.stream.isRefused()
    await settle()
    await world.pass(ms - 1)
    assert.equal(world.streams.length, before)
    await world.pass(1)
    assert.equal(world.streams.length, before + 1)
  }

  world.stream.tells("heartbeat", {})
  const before = world.streams.length
  world.stream.isRefused()
  await settle()
  await world.pass(1_000)
  assert.equal(world.streams.length, before + 1)
})

test("a stream that is not wanted back is not opened again", async () => {
  const { world } = opened({ comesBack: false })

  world.stream.isRefused()
  await world.pass(100_000)
  assert.equal(world.streams.length, 1)
})

test("what a dropped connection still says is not heard", async () => {
  const { world, heard } = opened()

  const [old] = world.streams
  await world.pass(38_000)
  heard.length = 0
  old.tells("status", {}, 9)
  old.breaks()
  assert.deepEqual(heard, [])
})

test("after a sleep the connection is replaced at once, after a glance away it is kept", () => {
  const { world, stream } = opened()

  world.stream.tells("heartbeat", {})
  world.sleep(5_000)
  stream.wake()
  assert.equal(world.streams.length, 1)

  world.sleep(60_000)
  stream.wake()
  assert.equal(world.streams.length, 2)
})

test("a closed stream stays closed", async () => {
  const { world, stream } = opened()

  stream.close()
  stream.wake()
  await world.pass(100_000)
  assert.equal(world.streams.length, 1)
})
