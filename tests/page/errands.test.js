import assert from "node:assert/strict"
import { test } from "node:test"

import { find } from "../../src/limner/web/page/story.js"
import { character, plot, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { json, noNetwork, problem } from "./fake_server.js"
import { askings, cancels, image, opened, posts, taken } from "./open_desk.js"

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

test("an image that is there is shown, though the request for it is never answered", async () => {
  const page = await opened(character())
  posts(page.server, () => new Promise(() => {}))

  page.desk.draw("ada")
  await settle()
  const seen = [page.phase]
  for (const [place, name] of ["pending", "generating", "completed"].entries()) {
    const queued_at = new Date(page.server.clock.now()).toISOString()
    page.server.stream.tells("status", status({ seq: 3 + place, status: name, metadata: { queued_at } }), 3 + place)
    seen.push(page.phase)
  }
  assert.deepEqual(seen, ["asking", "waiting", "drawing", "done"])
  await page.server.clock.pass(200_000)
  assert.equal(page.phase, "done")
  assert.equal(page.ada.trouble, null)
})

test("an image that is there is shown, though its cancel is never answered", async () => {
  const page = await opened(character({ image: status() }))
  posts(page.server, () => new Promise(() => {}))

  page.desk.cancel("ada")
  await settle()
  page.server.stream.tells("status", status({ seq: 5, status: "completed", image_url: "/1.png" }), 5)
  assert.equal(page.phase, "done")
  assert.equal(page.ada.wish, null)
})

test("an answer that never comes ends the loading within two minutes, once, and is asked for all the while", async () => {
  const page = await opened(character())
  posts(page.server, () => problem(503, "database_unavailable"))
  page.desk.draw("ada")
  const seen = [page.phase]
  for (let seconds = 0; seconds < 300; seconds++) {
    if (seconds % 15 === 0) page.server.stream.tells("heartbeat", {})
    await page.server.clock.pass(1_000)
    if (page.phase !== seen.at(-1)) seen.push(page.phase)
  }

  assert.equal(page.store.state.connection, "live")
  assert.deepEqual(seen, ["asking", "never"])
  const before = askings(page.server)
  assert.ok(before.length > 10 && before.length < 60, `${before.length} times`)

  posts(page.server, () => taken())
  await page.server.clock.pass(40_000)
  assert.equal(page.ada.image.status, "pending")
  assert.equal(new Set(askings(page.server).map(({ headers }) => headers["Idempotency-Key"])).size, 1)
})

test("one who waits for a limit to be over is not kept loading either", async () => {
  const page = await opened(character())
  posts(page.server, () => problem(429, "rate_limited", { "Retry-After": "30" }))
  page.desk.drawAll()
  await page.server.clock.pass(119_000)
  assert.equal(page.phase, "asking")
  await page.server.clock.pass(2_000)
  assert.equal(page.phase, "never")
})

test("a request that was refused says why on its card, and in a toast", async () => {
  const page = await opened(character())
  posts(page.server, () => problem(429, "rate_limited"))

  await page.desk.draw("ada")
  assert.equal(page.ada.trouble.message, "A sentence.")
  assert.equal(page.ada.wish, null)
  assert.deepEqual(page.toasts, ["failed"])
})

test("the toast is there with the click, and is the generation's own afterwards", async () => {
  const page = await opened(character())
  posts(page.server, () => taken())

  page.desk.draw("ada")
  const [{ id, status: unknown }] = page.store.state.toasts
  await settle()
  assert.equal(unknown, null)
  assert.deepEqual(page.store.state.toasts.map((toast) => [toast.id, toast.status.status]), [[id, "pending"]])
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
  assert.equal(page.phase, "never")
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
