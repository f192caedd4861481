import assert from "node:assert/strict"
import { test } from "node:test"

import { Poll } from "../../src/limner/web/page/poll.js"
import { FakeWorld } from "./fake_world.js"

// answer is called for every question with (characterId, etag).
function started(answer, inFlight = ["ada"]) {
  const world = new FakeWorld()
  const heard = []
  const api = { status: async (...question) => answer(...question) }
  const poll = new Poll(api, {
    inFlight: () => inFlight,
    idle: async () => heard.push("idle"),
    status: ({ seq }) => heard.push(seq),
    reached: () => heard.push("reached"),
    failed: () => heard.push("failed"),
  }, world)
  poll.start()
  return { world, heard, poll }
}

test("each character in flight is asked for, with the tag of its last answer", async () => {
  const asked = []
  const { world, heard } = started((id, etag) => {
    asked.push([id, etag])
    return { status: etag ? null : { seq: 2 }, etag: '"2"', retryAfterSeconds: 1 }
  })

  await world.pass(2_000)
  assert.deepEqual(asked, [["ada", undefined], ["ada", '"2"']])
  assert.deepEqual(heard, [2, "reached", "reached"])
})

test("the server says when to ask again", async () => {
  const { world, heard } = started(() => ({ status: null, etag: null, retryAfterSeconds: 4 }))

  await world.pass(4_999)
  assert.deepEqual(heard, ["reached"])
  await world.pass(1)
  assert.deepEqual(heard, ["reached", "reached"])
})

test("failures make the waits longer", async () => {
  const { world, heard } = started(() => {
    throw { retryAfterSeconds: null }
  })

  await world.pass(1_000 + 1_000 + 2_000)
  assert.equal(heard.length, 3)
  await world.pass(3_999)
  assert.equal(heard.length, 3)
})

test("with nothing in flight the story itself is read", async () => {
  const { world, heard } = started(null, [])

  await world.pass(6_000)
  assert.deepEqual(heard, ["idle", "reached", "idle", "reached"])
})

test("a stopped poll asks nothing more, and an answer on its way no longer counts as reached", async () => {
  let reply
  const { world, heard, poll } = started(() => new Promise((resolve) => (reply = resolve)))

  await world.pass(1_000)
  poll.stop()
  reply({ status: { seq: 2 }, etag: null, retryAfterSeconds: null })
  await world.pass(60_000)
  assert.deepEqual(heard, [2])
})
