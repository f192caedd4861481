import assert from "node:assert/strict"
import { test } from "node:test"

import {
  blank, find, undrawn, withCharacter, withConnection, withoutCharacter, withPatience, withPlot, withProgress,
  wishesOf, wishOf, withoutPlot, withStatus, withWish, withWishes,
} from "../../src/limner/web/page/story.js"
import { character, neverDrawn, plot, progress, status } from "./examples.js"

const url = "/api/images/1.png"
const opened = (...characters) => withPlot(blank, plot(...characters))
const told = (...statuses) => statuses.reduce((state, each) => withStatus(state, each, neverDrawn(), 0), opened(character()))
const ada = (state) => find(state, "ada")

test("a status changes its character, and no other", () => {
  const before = opened(character(), character({ id: "bo" }))
  const after = withStatus(before, status({ seq: 3, status: "completed", image_url: url }), neverDrawn(), 0)

  assert.equal(ada(after).image.status, "completed")
  assert.equal(ada(after).image_url, url)
  assert.equal(find(after, "bo"), find(before, "bo"))
})

test("a status of a character nobody has shown us changes nothing", () => {
  const state = told()

  assert.equal(withStatus(state, status({ character_id: "bo" }), null, 0), state)
})

test("what changes is told of, and so is what was under way before; what had ended before is not", () => {
  const tell = (name, before) => withStatus(opened(character()), status({ status: name }), before, 0).toasts.length

  assert.equal(tell("completed", status()), 1)
  assert.equal(tell("generating", null), 1)
  assert.equal(tell("completed", null), 0)
  assert.equal(tell("failed", null), 0)
})

test("the earlier image stays while a new one is drawn and after it failed", () => {
  const done = told(status({ seq: 3, status: "completed", image_url: url }))
  const again = withStatus(done, status({ seq: 4, task_id: "task-2", status: "pending" }), status(), 0)
  const failed = withStatus(again, status({ seq: 5, task_id: "task-2", status: "failed", error: "No." }), status(), 0)

  assert.equal(ada(again).image_url, url)
  assert.equal(ada(failed).image_url, url)
})

test("a new attempt begins with no progress", () => {
  const half = withProgress(told(status()), progress({ progress: 0.6 }), 0)

  assert.equal(ada(half).progress.progress, 0.6)
  assert.equal(ada(withStatus(half, status({ seq: 3, status: "pending" }), status(), 0)).progress, null)
})

test("the picture so far stays while hints bring none, and goes with its attempt", () => {
  const pictured = withProgress(told(status()), progress({ preview_url: "/api/images/so-far.webp" }), 0)
  const silent = withProgress(pictured, progress({ progress: 0.6 }), 0)
  const newer = withProgress(silent, progress({ preview_url: "/api/images/further.webp" }), 0)

  assert.equal(ada(silent).preview, "/api/images/so-far.webp")
  assert.equal(ada(withConnection(withConnection(silent, "offline"), "live")).preview, "/api/images/so-far.webp")
  assert.equal(ada(newer).preview, "/api/images/further.webp")
  for (const name of ["pending", "completed", "failed", "canceled"]) {
    assert.equal(ada(withStatus(newer, status({ seq: 3, status: name }), status(), 0)).preview, null)
  }
})

test("patience is for one generation, through all its attempts", () => {
  const patient = withPatience(told(status()), "ada", 7)

  assert.equal(ada(withStatus(patient, status({ seq: 3, status: "pending" }), status(), 0)).patience, 7)
  assert.equal(ada(withStatus(patient, status({ seq: 4, task_id: "task-2" }), status(), 0)).patience, 0)
})

test("reading the plot again keeps what only the page knows", () => {
  const asked = withWish(withProgress(told(status()), progress(), 0), "ada", { step: "asking", taskId: status().task_id })
  const state = withPlot(asked, plot(character({ name: "Ada Vance", image: status() }), character({ id: "bo" })))

  assert.equal(ada(state).name, "Ada Vance")
  assert.equal(ada(state).wish.step, "asking")
  assert.equal(ada(state).progress.progress, 0.4)
  assert.equal(find(state, "bo").wish, null)
})

test("another drawing than the one it was made over answers a wish, one that was kept excepted", () => {
  const over = (wish, image) => {
    const state = withWish(told(status({ status: "failed" })), "ada", { taskId: "task-1", ...wish })
    const byEvent = ada(withStatus(state, image, status(), 0)).wish
    assert.deepEqual(ada(withPlot(state, plot(character({ image })))).wish, byEvent, "read and told alike")
    return byEvent !== null
  }
  const other = (name) => status({ task_id: "task-2", seq: 9, status: name })

  assert.equal(over({ step: "asking" }, other("pending")), false)
  assert.equal(over({ step: "asking" }, other("completed")), false)
  assert.equal(over({ step: "asking", isCanceled: true }, other("pending")), true)
  assert.equal(over({ step: "asking", isCanceled: true }, other("completed")), false)
  assert.equal(over({ step: "kept" }, other("completed")), true)
})

test("the end of an image is the end of the wish to cancel it", () => {
  const left = (wish, image) => {
    const state = withWish(told(status()), "ada", { taskId: "task-1", step: "canceling", isCancel: true, ...wish })
    return ada(withStatus(state, image, status(), 0)).wish !== null
  }

  assert.equal(left({}, status({ seq: 3, status: "pending" })), true)
  for (const name of ["completed", "failed", "canceled"]) assert.equal(left({}, status({ seq: 3, status: name })), false)
  assert.equal(left({ step: "kept" }, status({ seq: 3, task_id: "task-2" })), false)
  assert.equal(left({ isOfAsking: true }, status({ seq: 3, task_id: "task-2" })), true)
  assert.equal(left({ isOfAsking: true }, status({ seq: 3, task_id: "task-2", status: "completed" })), false)
})

test("what was asked for stays when the story is left, and is there again when it is opened", () => {
  const wish = { id: "wish", step: "kept", taskId: null }
  const away = withoutPlot(withWish(told(), "ada", wish))
  const back = withPlot(away, plot(character()))

  assert.deepEqual([away.characters, away.toasts, away.plot], [[], [], null])
  assert.equal(wishOf(away, "ada"), wish)
  assert.equal(ada(back).wish, wish)
  assert.deepEqual(back.wishes, {})
  assert.deepEqual(wishesOf(away), wishesOf(back))
  assert.deepEqual(wishesOf(withWish(away, "ada", null)), {})
  assert.deepEqual(wishesOf(withWish(back, "ada", null)), {})
})

test("who is read as before stays the same object, and whoever changed does not", () => {
  const before = opened(character(), character({ id: "bo" }))
  const after = withPlot(before, plot(character(), character({ id: "bo", name: "Beau" })))

  assert.equal(ada(after), ada(before))
  assert.notEqual(find(after, "bo"), find(before, "bo"))
  assert.equal(ada(withConnection(before, "live")), ada(before))
})

test("a character that is added twice, by us and by a reading, is there once", () => {
  const state = withCharacter(withCharacter(blank, character()), character())

  assert.equal(state.characters.length, 1)
})

test("new words for a character do not put its image back", () => {
  const done = told(status({ seq: 3, status: "completed", image_url: url }))
  const state = withCharacter(done, character({ description: "Tall" }))

  assert.equal(ada(state).description, "Tall")
  assert.equal(ada(state).image_url, url)
  assert.equal(ada(state).image.seq, 3)
})

test("a character that is removed takes its toast along", () => {
  const state = withoutCharacter(told(status()), "ada")

  assert.deepEqual([state.characters, state.toasts], [[], []])
})

test("trouble with a request goes when the status moves on", () => {
  const state = withWish(told(), "ada", null, { message: "Too many." })

  assert.equal(ada(state).trouble.message, "Too many.")
  assert.equal(ada(withStatus(state, status(), neverDrawn(), 0)).trouble, null)
})

test("the last progress stays while nobody is reached, and is unknown once somebody is", () => {
  const away = withConnection(withProgress(told(status()), progress(), 0), "offline")

  assert.equal(ada(away).progress.progress, 0.4)
  for (const connection of ["live", "polling"]) assert.equal(ada(withConnection(away, connection)).progress, null)
  assert.equal(withConnection(away, "offline"), away)
})

test("all means those who have no image, and none on its way", () => {
  const state = withWishes(opened(
    character({ id: "never" }), character({ id: "asked" }), character({ id: "drawn", image_url: url }),
    character({ id: "failed", image: status({ status: "failed" }) }), character({ id: "drawing", image: status() }),
  ), [["asked", { step: "asking" }]])

  assert.deepEqual(undrawn(state).map(({ id }) => id), ["never", "failed"])
})
