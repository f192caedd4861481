import assert from "node:assert/strict"
import { test } from "node:test"

import { Api } from "../../src/limner/web/page/api.js"

// An Api whose server gives these answers in turn; a function is called, and may throw.
function served(...answers) {
  const requests = []
  const fetch = async (path, options) => {
    requests.push({ path, ...options })
    const answer = answers.shift()
    return typeof answer === "function" ? answer() : answer
  }
  return { api: new Api({ fetch }), requests }
}

const json = (value, init) => new Response(JSON.stringify(value), init)
const problem = (status, value, headers = {}) =>
  json(value, { status, headers: { "Content-Type": "application/problem+json", ...headers } })
const away = () => {
  throw new TypeError("fetch failed")
}
const keys = (requests) => requests.map(({ headers }) => headers["Idempotency-Key"])

test("a validation error is known by field", async () => {
  const errors = [{ pointer: "/name", detail: "Too long." }, { pointer: "", detail: "Not an object." }]
  const { api } = served(problem(422, { detail: "Not valid.", code: "validation", errors }))

  await assert.rejects(api.addCharacter("plot", {}), (error) => {
    assert.equal(error.message, "Not valid.")
    assert.deepEqual(error.fields, { name: "Too long.", "": "Not an object." })
    return true
  })
})

test("a pointer's escapes are undone", async () => {
  const { api } = served(problem(422, { errors: [{ pointer: "/a~1b~0c/0", detail: "No." }] }))

  await assert.rejects(api.createPlot({}), ({ fields }) => fields["a/b~c"] === "No.")
})

test("an error that is no problem document is still a sentence", async () => {
  const { api } = served(new Response("<h1>Bad Gateway</h1>", { status: 502, headers: { "Content-Type": "text/html" } }))

  await assert.rejects(api.plot("plot"), { status: 502, message: "The server answered 502, which this page doesn't understand." })
})

test("no answer, and an answer cut off, are the same: unreachable", async () => {
  const { api } = served(away, new Response('{"id":'))

  await assert.rejects(api.plot("plot"), { status: 0, code: "unreachable" })
  await assert.rejects(api.plot("plot"), { status: 0, code: "unreachable" })
})

test("a request without an answer is sent again under the same key, an answered one under a new one", async () => {
  const { api, requests } = served(away, problem(503, {}), json({}), json({}))

  await assert.rejects(api.draw("ada", null))
  await assert.rejects(api.draw("ada", null))
  await api.draw("ada", null)
  await api.draw("ada", null)

  const [first, second, third, fourth] = keys(requests)
  assert.equal(second, first)
  assert.equal(third, first)
  assert.notEqual(fourth, first)
})

test("asking again after another generation was seen is another wish", async () => {
  const { api, requests } = served(away, json({}))

  await assert.rejects(api.draw("ada", "task-1"))
  await api.draw("ada", "task-2")

  const [first, second] = keys(requests)
  assert.notEqual(second, first)
})

test("a refused request is not tied to its key", async () => {
  const { api, requests } = served(problem(429, {}, { "Retry-After": "7" }), json({}))

  await assert.rejects(api.draw("ada", null), { retryAfterSeconds: 7 })
  await api.draw("ada", null)

  const [first, second] = keys(requests)
  assert.notEqual(second, first)
})

test("polling sends the tag it was given and knows an unchanged status", async () => {
  const headers = { ETag: '"2"', "Retry-After": "1" }
  const { api, requests } = served(json({ seq: 2 }, { headers }), new Response(null, { status: 304, headers }))

  assert.deepEqual(await api.status("ada"), { status: { seq: 2 }, etag: '"2"', retryAfterSeconds: 1 })
  assert.deepEqual(await api.status("ada", '"2"'), { status: null, etag: '"2"', retryAfterSeconds: 1 })
  assert.equal(requests[1].headers["If-None-Match"], '"2"')
})
