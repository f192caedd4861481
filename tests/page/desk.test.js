import assert from "node:assert/strict"
import { test } from "node:test"

import { Api } from "../../src/limner/web/page/api.js"
import { platformWith } from "../../src/limner/web/page/client/platform.js"
import { Desk } from "../../src/limner/web/page/desk.js"
import { Store } from "../../src/limner/web/page/store.js"
import { blank, find } from "../../src/limner/web/page/story.js"
import { character, plot, progress, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, json, noNetwork, problem } from "./fake_server.js"

const image = "/api/characters/ada/image"

// A desk on a story of these characters, whose stream is live.
async function opened(...characters) {
  const server = FakeServer.with(...characters)
  const fetch = (url, request) => server.fetch(url, request)
  const clock = { now: () => server.clock.now(), hear() {} }
  const store = new Store(blank, () => {})
  const desk = new Desk("plot", {
    limner: server.limner(), api: new Api({ fetch, clock: server.clock }), store, clock,
    platform: platformWith({ clock: server.clock }),
  })
  desk.open()
  await settle()
  server.stream.opens()
  server.stream.tells("heartbeat", {})
  await server.clock.pass(1_000)
  server.requests.length = 0
  return { server, desk, store, get ada() { return find(store.state, "ada") } }
}

// What a server does with a POST; everything else is answered as usual.
function posts(server, answer) {
  server.fault = (request) => (request.method === "POST" ? answer(request) : undefined)
}

const taken = (values = {}) => json(202, status({ seq: 3, status: "pending", ...values }))
const askings = ({ requests }) => requests.filter(({ method, path }) => method === "POST" && path === image)
const cancels = ({ requests }) => requests.filter(({ path }) => path === `${image}/cancel`)

test("one click asks once, and loading has begun before the server has answered", async () => {
  const page = await opened(character())
  posts(page.server, () => taken())

  page.desk.draw("ada")
  page.desk.draw("ada")
  assert.equal(page.ada.wish.step, "asking")
  await settle()

  assert.equal(askings(page.server).length, 1)
  assert.equal(page.ada.wish, null)
  assert.equal(page.ada.image.status, "pending")
})

test("who is drawn already is not asked for again", async () => {
  const page = await opened(character({ image: status() }))

  await page.desk.draw("ada")
  assert.equal(askings(page.server).length, 0)
})

test("an answer that comes after the events it began changes nothing", async () => {
  const page = await opened(character())
  let answer
  posts(page.server, () => new Promise((resolve) => (answer = resolve)))

  page.desk.draw("ada")
  await settle()
  page.server.stream.tells("status", status({ seq: 4, status: "completed", image_url: "/1.png" }), 4)
  answer(taken())
  await settle()

  assert.equal(page.ada.image.status, "completed")
  assert.equal(page.ada.wish, null)
})

test("a request that was refused says why on its card", async () => {
  const page = await opened(character())
  posts(page.server, () => problem(429, "rate_limited"))

  await page.desk.draw("ada")
  assert.equal(page.ada.trouble.message, "A sentence.")
  assert.equal(page.ada.wish, null)
})

test("what could not be sent is kept, and sent under the same key when somebody is reached", async () => {
  const page = await opened(character())
  page.server.fault = noNetwork
  page.server.stream.isRefused()

  page.desk.draw("ada")
  await page.server.clock.pass(60_000)
  assert.equal(page.store.state.connection, "offline")
  assert.equal(page.ada.wish.step, "kept")

  posts(page.server, () => taken())
  await page.server.clock.pass(60_000)
  const keys = askings(page.server).map(({ headers }) => headers["Idempotency-Key"])
  assert.equal(page.ada.image.status, "pending")
  assert.equal(page.ada.wish, null)
  assert.equal(new Set(keys).size, 1)
})

test("what is kept can be given up", async () => {
  const page = await opened(character())
  page.server.fault = noNetwork
  page.server.stream.isRefused()
  page.desk.draw("ada")
  await page.server.clock.pass(60_000)

  page.desk.cancel("ada")
  page.server.requests.length = 0
  page.server.fault = () => undefined
  await page.server.clock.pass(60_000)
  assert.equal(page.ada.wish, null)
  assert.equal(askings(page.server).length, 0)
})

test("canceling while nobody is reached ends the loading at once", async () => {
  const page = await opened(character())
  page.server.fault = noNetwork
  page.server.stream.isRefused()
  await page.server.clock.pass(10_000)
  page.desk.draw("ada")
  await settle()

  page.desk.cancel("ada")
  await settle()
  assert.equal(page.ada.wish, null)
  assert.equal(page.ada.trouble, null)
})

test("what is canceled before the server has answered is canceled once it has", async () => {
  const page = await opened(character())
  let answer
  posts(page.server, ({ path }) => {
    if (path === image) return new Promise((resolve) => (answer = resolve))
    return json(200, status({ seq: 4, status: "canceled" }))
  })

  page.desk.draw("ada")
  await settle()
  page.desk.cancel("ada")
  assert.equal(cancels(page.server).length, 0)
  answer(taken())
  await settle()

  assert.equal(cancels(page.server).length, 1)
  assert.equal(page.ada.image.status, "canceled")
  assert.equal(page.ada.wish, null)
})

test("canceling what has just ended is no trouble, and what it ended with is shown", async () => {
  const page = await opened(character({ image: status() }))
  posts(page.server, () => problem(409, "not_in_flight"))
  page.server.plot = plot(character({ image: status({ seq: 3, status: "completed", image_url: "/1.png" }) }))

  await page.desk.cancel("ada")
  await page.server.clock.pass(1_000)
  assert.equal(page.ada.trouble, null)
  assert.equal(page.ada.wish, null)
  assert.equal(page.ada.image.status, "completed")
})

test("of all, no more than four are asked for at once, and who is over a limit waits for it", async () => {
  const names = ["ada", "bo", "cy", "di", "eve", "flo"]
  const page = await opened(...names.map((id) => character({ id })))
  const answers = []
  posts(page.server, ({ path }) => new Promise((resolve) => answers.push({ path, resolve })))

  page.desk.drawAll()
  await settle()
  assert.deepEqual(names.map((id) => find(page.store.state, id).wish.step), names.map(() => "asking"))
  assert.equal(answers.length, 4)

  answers[0].resolve(problem(429, "rate_limited", { "Retry-After": "7" }))
  await page.server.clock.pass(6_900)
  assert.equal(answers.length, 4)
  await page.server.clock.pass(200)
  assert.equal(answers.at(-1).path, image)
})

test("a reading that began before our own addition does not take the new card away", async () => {
  const page = await opened()
  const bo = character({ id: "bo" })
  posts(page.server, () => json(201, bo))

  page.server.plot = { ...plot(), title: "Read again" }
  await page.desk.addCharacter({ name: "Bo" })
  await page.server.clock.pass(1_000)
  assert.equal(page.store.state.plot.title, "Read again")
  assert.deepEqual(page.store.state.characters.map(({ id }) => id), ["bo"])

  page.server.plot = plot(bo)
  page.desk.keepWaiting("bo")
  await page.server.clock.pass(1_000)
  page.server.plot = plot()
  page.desk.keepWaiting("bo")
  await page.server.clock.pass(1_000)
  assert.deepEqual(page.store.state.characters, [])
})

test("a reading that began before our own removal does not bring the card back", async () => {
  const page = await opened(character())
  page.server.fault = ({ method }) => (method === "DELETE" ? json(200, {}) : undefined)

  await page.desk.deleteCharacter("ada")
  page.server.plot = { ...page.server.plot, title: "Read again" }
  page.server.stream.tells("plot", {})
  await page.server.clock.pass(1_000)
  assert.equal(page.store.state.plot.title, "Read again")
  assert.deepEqual(page.store.state.characters, [])
})

test("progress is shown with the moment it was heard at", async () => {
  const page = await opened(character({ image: status() }))

  page.server.stream.tells("progress", progress({ progress: 0.33 }))
  assert.equal(page.ada.progress.progress, 0.33)
  assert.equal(page.ada.progress.heardMs, page.server.clock.now())
})

test("who is not signed in any more is told so", async () => {
  const page = await opened(character())
  page.server.fault = () => problem(401, "unauthenticated")
  page.server.stream.isRefused()
  await page.server.clock.pass(10_000)

  assert.equal(page.store.state.connection, "signed-out")
})
