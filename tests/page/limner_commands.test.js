import assert from "node:assert/strict"
import { test } from "node:test"

import { LimnerError } from "../../src/limner/web/page/limner.js"
import { character, plot, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, json, noNetwork, page, problem } from "./fake_server.js"

const pending = status({ seq: 1, status: "pending" })

// answers are given one after the other, the last one again and again; a function is called.
function serverAnswering(...answers) {
  const server = FakeServer.with(character({ image: pending }))
  server.fault = ({ method }) => {
    if (method !== "POST") return
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    return answer()
  }
  return server
}

// What a promise came to, while time goes on.
async function within(server, ms, promise) {
  let outcome = null
  promise.then((value) => (outcome = { value }), (error) => (outcome = { error }))
  await settle()
  await server.clock.pass(ms)
  return outcome
}

const keyOf = ({ headers }) => headers["Idempotency-Key"]

test("an image is asked for with the wish as JSON, and a key of its own each time", async () => {
  const server = serverAnswering(() => json(202, pending))
  const limner = server.limner()

  assert.deepEqual(await limner.generateCharacterImage("ada", { prompt: "Ada", seed: 7 }), pending)
  await limner.generateCharacterImage("ada")
  const [first, second] = server.requests
  assert.deepEqual([first.method, first.path], ["POST", "/api/characters/ada/image"])
  assert.equal(first.body, '{"prompt":"Ada","seed":7}')
  assert.equal(first.headers["Content-Type"], "application/json")
  assert.match(keyOf(first), /^"[0-9a-f]{32}"$/)
  assert.notEqual(keyOf(first), keyOf(second))
})

test("a key of the caller's own is sent as it is", async () => {
  const server = serverAnswering(() => json(202, pending))
  await server.limner().generateCharacterImage("ada", { idempotencyKey: 'a "key"' })

  assert.equal(keyOf(server.requests[0]), '"a \\"key\\""')
  assert.equal(server.requests[0].body, "{}")
})

for (const [name, answer] of [
  ["no answer", noNetwork],
  ["a proxy's 502", () => page(502)],
  ["503", () => problem(503, "database_unavailable")],
  ["the first still at work", () => problem(409, "idempotency_in_progress")],
  ["an answer that breaks off", () => ({ ...json(202, null), json: async () => JSON.parse("{") })],
]) {
  test(`after ${name} it is asked for again, with the same key`, async () => {
    const server = serverAnswering(answer, answer, () => json(202, pending))
    const outcome = await within(server, 3_000, server.limner().generateCharacterImage("ada"))

    assert.deepEqual(outcome, { value: pending })
    assert.equal(server.requests.length, 3)
    assert.equal(new Set(server.requests.map(keyOf)).size, 1)
    assert.deepEqual(server.requests.map(({ at }) => at - server.requests[0].at), [0, 1_000, 3_000])
  })
}

test("a server that says when to come back is taken at its word", async () => {
  const away = () => problem(503, "database_unavailable", { "Retry-After": "7" })
  const server = serverAnswering(away, () => json(202, pending))
  await within(server, 20_000, server.limner().generateCharacterImage("ada"))

  assert.equal(server.requests[1].at - server.requests[0].at, 7_000)
})

test("it is given up within half a minute, with the key to ask again", async () => {
  const server = serverAnswering(noNetwork)
  const { error } = await within(server, 30_000, server.limner().generateCharacterImage("ada"))

  assert.ok(error instanceof LimnerError)
  assert.deepEqual([error.status, error.code], [0, "unreachable"])
  assert.equal(`"${error.idempotencyKey}"`, keyOf(server.requests[0]))
  assert.ok(server.requests.length > 3)
})

test("an answer that does not come counts as none", async () => {
  const server = serverAnswering(() => new Promise(() => {}), () => json(202, pending))
  const outcome = await within(server, 25_000, server.limner().generateCharacterImage("ada"))

  assert.deepEqual(outcome, { value: pending })
})

test("a refusal is thrown as it was told, and not repeated", async () => {
  const server = serverAnswering(() => problem(422, "invalid_request"))
  const error = await server.limner().generateCharacterImage("ada").catch((thrown) => thrown)

  assert.ok(error instanceof LimnerError)
  assert.deepEqual(
    [error.status, error.code, error.title, error.detail, error.message],
    [422, "invalid_request", "A title", "A sentence.", "A sentence."],
  )
  assert.equal(error.idempotencyKey, null)
  assert.equal(server.requests.length, 1)
})

test("a caller's abort ends the asking, and is thrown as it is", async () => {
  const server = serverAnswering(noNetwork)
  const controller = new AbortController()
  const asked = server.limner().generateCharacterImage("ada", { signal: controller.signal })
  const outcome = within(server, 0, asked)
  controller.abort()

  assert.equal((await asked.catch((thrown) => thrown)).name, "AbortError")
  await outcome
  await server.clock.pass(60_000)
  assert.equal(server.requests.length, 1)
})

test("an abort while an answer is awaited is thrown as it is", async () => {
  const server = serverAnswering()
  server.fault = () => new Promise(() => {})
  const controller = new AbortController()
  const asked = server.limner().getCharacterImageStatus("ada", { signal: controller.signal })
  await settle()
  controller.abort()

  await assert.rejects(asked, { name: "AbortError" })
  assert.equal(server.clock.timers, 0)
})

test("a cancel whose answer was lost is found out to have been done", async () => {
  const server = serverAnswering(noNetwork, () => problem(409, "not_in_flight"))
  server.plot = plot(character({ image: status({ seq: 2, status: "canceled" }) }))
  const { value } = await within(server, 2_000, server.limner().cancelCharacterImage("ada"))

  assert.equal(value.status, "canceled")
})

test("a cancel that was another's is told so", async () => {
  const server = serverAnswering(() => problem(409, "not_in_flight"))
  server.plot = plot(character({ image: status({ seq: 2, status: "canceled" }) }))

  await assert.rejects(server.limner().cancelCharacterImage("ada"), { code: "not_in_flight" })
})

test("a cancel that came too late is told so", async () => {
  for (const answers of [[() => problem(409, "not_in_flight")], [noNetwork, () => problem(409, "not_in_flight")]]) {
    const server = serverAnswering(...answers)
    server.plot = plot(character({ image: status({ seq: 2, status: "completed" }) }))
    const { error } = await within(server, 2_000, server.limner().cancelCharacterImage("ada"))
    assert.equal(error.code, "not_in_flight")
  }
})

test("the status is the server's object", async () => {
  const server = serverAnswering()

  assert.deepEqual(await server.limner().getCharacterImageStatus("ada"), pending)
})

test("another server is asked at its own address, images too", async () => {
  const server = serverAnswering()
  server.fault = () => json(200, pending)
  const limner = server.limner({ baseUrl: "https://limner.example/" })
  await limner.getCharacterImageStatus("ada")

  assert.equal(server.requests[0].path, "https://limner.example/api/characters/ada/image/status")
  assert.equal(limner.url("/api/images/a.png"), "https://limner.example/api/images/a.png")
  assert.equal(limner.url("https://elsewhere.example/a.png"), "https://elsewhere.example/a.png")
})

test("headers are asked for before each request", async () => {
  const server = serverAnswering()
  let token = 0
  const limner = server.limner({ headers: async () => ({ Authorization: `Bearer ${++token}` }) })
  await limner.getCharacterImageStatus("ada")
  await limner.getCharacterImageStatus("ada")

  assert.deepEqual(server.requests.map(({ headers }) => headers.Authorization), ["Bearer 1", "Bearer 2"])
})
