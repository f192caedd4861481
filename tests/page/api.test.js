import assert from "node:assert/strict"
import { test } from "node:test"

import { Api } from "../../src/limner/web/page/api.js"
import { json, noNetwork, page, problem } from "./fake_server.js"

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

const keys = (requests) => requests.map(({ headers }) => headers["Idempotency-Key"])

test("what is asked goes where it belongs", async () => {
  const { api, requests } = served(...Array.from({ length: 9 }, () => json(200, {})))

  await api.plots()
  await api.plots("a&b")
  await api.createPlot({ title: "A" })
  await api.changePlot("p", { title: "B" })
  await api.addCharacter("p", { name: "Ada" })
  await api.changeCharacter("c", { name: "Bo" })
  await api.deleteCharacter("c")
  await api.generations("c")
  await api.generation("t")

  assert.deepEqual(requests.map(({ method, path, body }) => [method, path, body]), [
    ["GET", "/api/plots?limit=24", undefined],
    ["GET", "/api/plots?limit=24&cursor=a%26b", undefined],
    ["POST", "/api/plots", '{"title":"A"}'],
    ["PATCH", "/api/plots/p", '{"title":"B"}'],
    ["POST", "/api/plots/p/characters", '{"name":"Ada"}'],
    ["PATCH", "/api/characters/c", '{"name":"Bo"}'],
    ["DELETE", "/api/characters/c", undefined],
    ["GET", "/api/characters/c/generations?limit=24", undefined],
    ["GET", "/api/generations/t", undefined],
  ])
})

test("what got no answer is made again under the same key, what was answered under a new one", async () => {
  const { api, requests } = served(noNetwork, problem(503, "database_unavailable"), json(201, {}), json(201, {}))
  const make = () => api.createPlot({ title: "A" })

  await assert.rejects(make)
  await assert.rejects(make)
  await make()
  await make()

  const [first, second, third, fourth] = keys(requests)
  assert.equal(second, first)
  assert.equal(third, first)
  assert.notEqual(fourth, first)
})

test("other words are another wish, and one that was refused is not tied to its key", async () => {
  const { api, requests } = served(noNetwork, problem(422, "validation"), json(201, {}))

  await assert.rejects(api.addCharacter("p", { name: "Ada" }))
  await assert.rejects(api.addCharacter("p", { name: "Bo" }))
  await api.addCharacter("p", { name: "Bo" })

  assert.equal(new Set(keys(requests)).size, 3)
})

test("what is gone already was removed", async () => {
  const { api } = served(problem(404, "not_found"), problem(503, "database_unavailable"))

  await api.deletePlot("p")
  await assert.rejects(api.deletePlot("p"), { status: 503 })
})

test("a proxy that finds nothing has removed nothing", async () => {
  const { api } = served(page(404))

  await assert.rejects(api.deletePlot("p"), { status: 404 })
})

test("a generation that is not there is none, and one that can't be read is trouble", async () => {
  const { api } = served(problem(404, "not_found"), page(404), noNetwork)

  assert.equal(await api.generation("t"), null)
  await assert.rejects(api.generation("t"), { status: 404 })
  await assert.rejects(api.generation("t"), { status: 0 })
})
