import assert from "node:assert/strict"
import { test } from "node:test"

import { character, plot, progress, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { json, problem } from "./fake_server.js"
import { opened, posts } from "./open_desk.js"

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

test("an answer that comes when another story is open changes nothing there", async () => {
  const page = await opened(character())
  const answers = []
  page.server.fault = ({ method }) => (method === "GET" ? undefined : new Promise((resolve) => answers.push(resolve)))
  const asked = [
    page.desk.changePlot({ title: "Renamed", style: "" }), page.desk.addCharacter({ name: "Bo" }),
    page.desk.changeCharacter("ada", { name: "Adele" }), page.desk.deleteCharacter("ada"),
  ]
  await settle()

  page.leave()
  const other = { id: "other", title: "Another story", style: "" }
  page.store.move((state) => ({ ...state, plot: other, characters: [character({ wish: null })] }))
  const before = page.store.state
  for (const answer of answers) answer(json(200, { ...plot(), ...character({ id: "bo" }), title: "Renamed" }))
  await Promise.all(asked)
  assert.equal(page.store.state, before)
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
