import assert from "node:assert/strict"
import { test } from "node:test"

import { find, wishesOf } from "../../src/limner/web/page/story.js"
import { WishMemory } from "../../src/limner/web/page/wish_memory.js"
import { character, plot, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { json, noNetwork, problem } from "./fake_server.js"
import { askings, cancels, opened, posts, taken } from "./open_desk.js"

const people = ["ada", "bo", "cy", "di", "eve", "flo", "gil", "hal", "ida", "jon"].map((id) => character({ id }))

async function cutOff(page) {
  page.server.fault = noNetwork
  page.server.stream.isRefused()
  await page.server.clock.pass(10_000)
}

// A cancel ends what is in flight; everything else is answered as usual.
function cancelsFor(server, ended) {
  posts(server, ({ path }) => (path.endsWith("/cancel") ? json(200, ended) : undefined))
}

test("all are asked for, though the story is left at once", async () => {
  const page = await opened(...people)
  const asked = new Set()
  posts(page.server, ({ path }) => {
    const character_id = path.split("/")[3]
    asked.add(character_id)
    return taken({ character_id })
  })

  page.desk.drawAll()
  page.leave()
  await page.server.clock.pass(1_000)
  assert.equal(asked.size, people.length)
  assert.deepEqual(wishesOf(page.store.state), {})
})

test("what was asked for without a network goes out when it is back, though its story was left", async () => {
  const page = await opened(character())
  await cutOff(page)
  page.desk.draw("ada")
  await page.server.clock.pass(60_000)
  page.leave()

  posts(page.server, () => taken())
  page.server.requests.length = 0
  await page.server.clock.pass(60_000)
  assert.equal(askings(page.server).length, 1)
  assert.deepEqual(wishesOf(page.store.state), {})
})

test("on return no more than four go out at once", async () => {
  const page = await opened(...people)
  await cutOff(page)
  for (const { id } of people) page.desk.draw(id)
  await page.server.clock.pass(600_000)

  page.server.requests.length = 0
  posts(page.server, () => new Promise(() => {}))
  page.errands.hurry()
  await page.server.clock.pass(15_000)
  assert.equal(page.server.requests.filter(({ method }) => method === "POST").length, 4)
})

test("what is loaded again goes on where it was, under the same key", async () => {
  const storage = { getItem: (name) => storage[name] ?? null, setItem: (name, text) => (storage[name] = text) }
  const memory = () => new WishMemory(() => storage)
  const before = await opened(character())
  posts(before.server, () => new Promise(() => {}))
  before.desk.draw("ada")
  await settle()
  memory().keep(wishesOf(before.store.state))

  const after = await opened(character())
  after.leave()
  const now = after.server.clock.now()
  after.store.move((state) => ({ ...state, wishes: memory().recall(now) }))
  posts(after.server, () => taken())
  after.errands.resume()
  await settle()
  const keys = [before, after].map(({ server }) => askings(server)[0].headers["Idempotency-Key"])
  assert.equal(keys[0], keys[1])
  assert.deepEqual(wishesOf(after.store.state), {})
  assert.deepEqual(memory().recall(now + 3_600_000), {})
})

test("where nothing may be stored, or what is stored is nothing, wishes live as long as the page", () => {
  const forbidden = new WishMemory(() => {
    throw new Error("forbidden")
  })
  forbidden.keep({ ada: { id: "wish" } })

  assert.deepEqual(forbidden.recall(0), {})
  assert.deepEqual(new WishMemory(() => ({ getItem: () => "no {JSON" })).recall(0), {})
})

test("a cancel without a network is kept, and goes out when it is back", async () => {
  const page = await opened(character({ image: status() }))
  await cutOff(page)
  page.desk.cancel("ada")
  await page.server.clock.pass(60_000)
  assert.equal(page.ada.wish.step, "kept")
  assert.equal(page.ada.trouble, null)

  cancelsFor(page.server, status({ seq: 3, status: "canceled" }))
  page.server.requests.length = 0
  await page.server.clock.pass(60_000)
  assert.equal(cancels(page.server).length, 1)
  assert.equal(page.ada.image.status, "canceled")
  assert.equal(page.ada.wish, null)
})

test("a cancel that was kept does not end the image that was begun since", async () => {
  const page = await opened(character({ image: status() }))
  await cutOff(page)
  page.desk.cancel("ada")
  await page.server.clock.pass(60_000)

  page.server.plot = plot(character({ image: status({ task_id: "task-2", seq: 7 }) }))
  cancelsFor(page.server, status())
  page.server.requests.length = 0
  await page.server.clock.pass(60_000)
  assert.equal(cancels(page.server).length, 0)
  assert.equal(page.ada.image.task_id, "task-2")
  assert.equal(page.ada.wish, null)
})

test("a request given up without a network is canceled if it turns out to have been taken", async () => {
  const page = await opened(character())
  await cutOff(page)
  page.desk.draw("ada")
  await settle()
  page.desk.cancel("ada")
  assert.equal(page.phase, "never")

  page.server.plot = plot(character({ image: status({ seq: 3, status: "pending" }) }))
  cancelsFor(page.server, status({ seq: 4, status: "canceled" }))
  await page.server.clock.pass(60_000)
  assert.equal(cancels(page.server).length, 1)
  assert.equal(page.ada.image.status, "canceled")
})

test("what has not been sent yet is canceled at once, and never sent", async () => {
  const page = await opened(...people)
  const answers = []
  posts(page.server, ({ path }) => new Promise((resolve) => answers.push([path, resolve])))
  page.desk.drawAll()
  await settle()

  page.desk.cancel("jon")
  assert.equal(find(page.store.state, "jon").wish, null)
  for (const [path, answer] of answers) {
    answer(taken({ character_id: path.split("/")[3] }))
    await settle()
  }
  assert.equal(answers.length, people.length - 1)
})

test("on return nobody waits for the next attempt", async () => {
  const page = await opened(character())
  await cutOff(page)
  page.desk.draw("ada")
  await page.server.clock.pass(300_000)
  const lastAt = () => askings(page.server).at(-1).at
  // The client itself sends it again within eight seconds, until it gives up.
  while (page.server.clock.now() - lastAt() < 10_000) await page.server.clock.pass(1_000)

  page.errands.hurry()
  await settle()
  assert.equal(lastAt(), page.server.clock.now())
})

test("what is canceled while its answer is awaited is canceled still when there is none", async () => {
  const page = await opened(character())
  posts(page.server, () => problem(503, "database_unavailable"))
  page.desk.draw("ada")
  await settle()
  page.desk.cancel("ada")
  assert.equal(page.ada.wish.isCanceled, true)
  page.server.plot = plot(character({ image: status({ seq: 3, status: "pending" }) }))
  await page.server.clock.pass(35_000)
  assert.equal(page.ada.wish.step, "kept")
  assert.deepEqual(page.toasts, [])

  cancelsFor(page.server, status({ seq: 4, status: "canceled" }))
  page.server.requests.length = 0
  await page.server.clock.pass(60_000)
  assert.deepEqual([askings(page.server).length, cancels(page.server).length], [0, 1])
  assert.equal(page.ada.image.status, "canceled")
})

test("a refusal of what was canceled meanwhile is no trouble", async () => {
  const page = await opened(character())
  let answer
  posts(page.server, () => new Promise((resolve) => (answer = resolve)))
  page.desk.draw("ada")
  await settle()
  page.desk.cancel("ada")
  answer(problem(429, "rate_limited"))
  await settle()
  assert.deepEqual([page.ada.wish, page.ada.trouble, page.toasts], [null, null, []])
})
