import assert from "node:assert/strict"
import { test } from "node:test"

import { blank, find, withAsking, withCharacter, withLink, withPlot, withProgress, withStatus } from "../../src/limner/web/page/story.js"
import { character, plot, progress, status } from "./examples.js"

const url = "/api/images/1.png"
const told = (...statuses) => statuses.reduce(withStatus, withPlot(blank, plot(character())))
const ada = (state) => find(state, "ada")

test("a newer status is taken", () => {
  assert.equal(ada(told(status({ seq: 2 }))).image.status, "generating")
})

test("a status that is not newer changes nothing at all", () => {
  const state = told(status({ seq: 3, status: "completed", image_url: url }))

  assert.equal(withStatus(state, status({ seq: 2 })), state)
  assert.equal(withStatus(state, status({ seq: 3 })), state)
})

test("a status of a character nobody has shown us changes nothing", () => {
  const state = told()

  assert.equal(withStatus(state, status({ character_id: "bo" })), state)
})

test("a plot that was read too early does not put a newer status or image back", () => {
  const done = told(status({ seq: 3, status: "completed", image_url: url }))
  const state = withPlot(done, plot(character({ name: "Ada Vance", image: status({ seq: 2 }) })))

  assert.equal(ada(state).name, "Ada Vance")
  assert.equal(ada(state).image.status, "completed")
  assert.equal(ada(state).image_url, url)
})

test("a plot that was read later brings the newer status and image along", () => {
  const image = status({ seq: 5, status: "completed", image_url: url })
  const state = withPlot(told(status({ seq: 2 })), plot(character({ image, image_url: url })))

  assert.equal(ada(state).image, image)
  assert.equal(ada(state).image_url, url)
})

test("a character that is no longer in the plot leaves, a new one comes in its place in the order", () => {
  const state = withPlot(told(), plot(character({ id: "bo" }), character({ id: "cy" })))

  assert.deepEqual(state.characters.map(({ id }) => id), ["bo", "cy"])
})

test("the earlier image stays while a new one is drawn and after it failed", () => {
  const done = told(status({ seq: 3, status: "completed", image_url: url }))
  const again = withStatus(done, status({ seq: 4, task_id: "task-2", status: "pending" }))
  const failed = withStatus(again, status({ seq: 5, task_id: "task-2", status: "failed", error: "No." }))

  assert.equal(ada(again).image_url, url)
  assert.equal(ada(failed).image_url, url)
})

test("progress is kept for the generation it is about, and never goes backwards", () => {
  const state = withProgress(told(status()), progress({ progress: 0.6 }))

  assert.equal(ada(state).progress.progress, 0.6)
  assert.equal(ada(withProgress(state, progress({ progress: 0.3 }))).progress.progress, 0.6)
  assert.equal(ada(withProgress(state, progress({ progress: null, stage: "storing" }))).progress.progress, 0.6)
})

test("progress of another generation, or of one that has ended, is not shown", () => {
  const drawing = told(status())
  const done = told(status({ seq: 3, status: "completed", image_url: url }))

  assert.equal(withProgress(drawing, progress({ task_id: "task-0" })), drawing)
  assert.equal(withProgress(done, progress()), done)
})

test("a new attempt begins with no progress", () => {
  const half = withProgress(told(status()), progress({ progress: 0.6 }))
  const lost = withStatus(half, status({ seq: 3, status: "pending" }))

  assert.equal(ada(lost).progress, null)
})

test("a character that is added twice, by us and by a reading, is there once", () => {
  const state = withCharacter(withCharacter(blank, character()), character())

  assert.equal(state.characters.length, 1)
})

test("trouble with a request goes when the status moves on", () => {
  const tooMany = { message: "Too many.", wasAnswered: true }
  const state = withAsking(told(), "ada", false, tooMany)

  assert.equal(ada(state).trouble, tooMany)
  assert.equal(ada(withStatus(state, status())).trouble, null)
})

test("what the server has refused stays refused after a reconnect, what did not reach it is forgotten", () => {
  const lostWith = (trouble) => withLink(withAsking(told(), "ada", false, trouble), "lost")
  const refused = lostWith({ message: "Too many.", wasAnswered: true })
  const unheard = lostWith({ message: "Nobody there.", wasAnswered: false })

  assert.equal(ada(withLink(refused, "live")).trouble.message, "Too many.")
  for (const link of ["live", "polling"]) assert.equal(ada(withLink(unheard, link)).trouble, null)
})

test("the last progress stays while the link is lost, and is unknown once it is back", () => {
  const lost = withLink(withProgress(told(status()), progress({ progress: 0.33 })), "lost")

  assert.equal(ada(lost).progress.progress, 0.33)
  for (const link of ["live", "polling"]) assert.equal(ada(withLink(lost, link)).progress, null)
})

test("a story that is gone stays gone", () => {
  const gone = withLink(blank, "gone")

  assert.equal(withLink(gone, "live"), gone)
})
