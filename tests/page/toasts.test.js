import assert from "node:assert/strict"
import { test } from "node:test"

import { dismissed, heard, ofThose, released, shown, tidied, wished } from "../../src/limner/web/page/toasts.js"
import { toastWords } from "../../src/limner/web/page/toast_words.js"
import { character, status } from "./examples.js"

const at = Date.parse("2026-11-22T20:59:50Z")
const people = ["ada", "bo", "cy", "di", "eve"].map((id) => ({ id, name: id, patience: 0 }))
const of = (id, name, values = {}) => status({ character_id: id, task_id: `task of ${id}`, status: name, ...values })
const told = (...statuses) => statuses.reduce((toasts, each, place) => heard(toasts, each, each.character_id, at + place), [])
const ids = (toasts) => toasts.map(({ characterId }) => characterId)
const titles = (toasts, nowMs = at) => shown(toasts, people, nowMs).visible.map((toast) => toastWords(toast, undefined, nowMs).title)

test("a generation has one toast, which changes its words", () => {
  const said = []
  let toasts = []
  for (const name of ["pending", "generating", "completed"]) {
    toasts = heard(toasts, of("ada", name), "Ada", at)
    said.push(...titles(toasts))
  }

  assert.deepEqual(said, [
    "Image generation queued for Ada", "Generating character image…", "Character image generated successfully",
  ])
})

test("with the click it says what was asked for and what is usual, and goes on as the generation's own", () => {
  const ada = { ...character({ name: "Ada" }), wish: { id: "wish", step: "asking", taskId: null, sinceMs: at }, trouble: null }
  const said = (toasts, person = ada) => shown(toasts, [person], at).visible.map((toast) => [toast.isAlarm, toastWords(toast, 0, at)])
  const asked = wished([], ada, { low_seconds: 20, high_seconds: 30 })
  const detail = "Usually 20–30 seconds"

  assert.equal(wished(asked, { ...ada, wish: { ...ada.wish, step: "kept" } }, null), asked)
  assert.deepEqual(said(asked), [[false, { title: "Image generation queued for Ada", detail }]])
  const kept = { ...ada, wish: { ...ada.wish, step: "kept" } }
  assert.equal(said(asked, kept)[0][1].title, "No answer yet to the request for Ada")
  const refused = { ...ada, wish: null, trouble: { message: "Too many." } }
  assert.equal(wished(asked, refused, null), asked)
  assert.deepEqual(said(asked, refused), [[true, { title: "Too many.", detail: "Ada was not drawn." }]])

  assert.deepEqual(wished(asked, { ...ada, wish: null }, null), [])
  assert.deepEqual(wished(asked, { ...ada, wish: { id: "cancel", isCancel: true } }, null), [])
  const begun = heard(asked, of("ada", "pending"), "Ada", at)
  assert.deepEqual(begun.map(({ id, status: { task_id } }) => [id, task_id]), [["wish", "task of ada"]])
  assert.deepEqual(heard(begun, of("ada", "completed"), "Ada", at).map(({ id }) => id), ["wish"])
})

test("a failure is told in the service's own sentence", () => {
  assert.deepEqual(titles(told(of("ada", "failed", { error: "The provider is down." }))), ["The provider is down."])
})

test("the words of a drawing change every ten seconds, and tell what passed and what is expected", () => {
  const detail = (seconds) => {
    const nowMs = Date.parse("2026-11-22T21:00:00Z") + seconds * 1_000
    return toastWords({ status: of("ada", "generating"), phase: "drawing", name: "Ada" }, undefined, nowMs).detail
  }

  assert.deepEqual([0, 9.9, 10, 19.9, 20, 75].map(detail), [
    "Ada · usually 20–30 seconds", "Ada · usually 20–30 seconds", "Ada · 10 s so far, usually 20–30 seconds",
    "Ada · 10 s so far, usually 20–30 seconds", "Ada · 20 s so far, usually 20–30 seconds",
    "Ada · 1 min 10 s so far, usually 20–30 seconds",
  ])
})

test("who waits is told what is usual at once, and the place in the queue later", () => {
  const toast = { status: of("ada", "pending", { metadata: { attempt: 0 } }), phase: "waiting", name: "Ada" }

  assert.equal(toastWords(toast, 2, at + 1_000).detail, "Usually 20–30 seconds")
  assert.equal(toastWords(toast, 2, at + 11_000).detail, "10 s so far, usually 20–30 seconds · 2 ahead in the queue")
})

test("after two minutes it says so, and the image that comes later is told of", () => {
  const late = told(of("ada", "generating"))

  assert.deepEqual(titles(late, at + 120_000), ["No image after 2 minutes"])
  assert.deepEqual(titles(heard(late, of("ada", "completed"), "Ada", at + 130_000), at + 130_000), [
    "Character image generated successfully",
  ])
})

test("who is late while waiting is told to be waiting still, and for how long when more was asked for", () => {
  const [late] = shown(told(of("ada", "pending")), [{ ...people[0], patience: at + 130_000 }], at + 260_000).visible

  assert.deepEqual(toastWords(late, 7, at + 260_000), {
    title: "No image after 4 minutes",
    detail: "ada still waits in the queue. The image may still come, and then appears by itself.",
  })
})

test("good news goes after five seconds, a failure stays", () => {
  const toasts = told(of("ada", "completed"), of("bo", "failed"), of("cy", "canceled"), of("di", "generating"))

  assert.equal(tidied(toasts, at + 4_999), toasts)
  assert.deepEqual(ids(tidied(toasts, at + 6_000)), ["bo", "di"])
})

test("what somebody was looking at gets its time again", () => {
  const toasts = released(told(of("ada", "completed")), at + 60_000)

  assert.deepEqual(ids(tidied(toasts, at + 64_999)), ["ada"])
  assert.deepEqual(ids(tidied(toasts, at + 65_000)), [])
})

test("three are shown, what failed before all else, in the order in which they began; the others are counted", () => {
  const toasts = told(
    of("ada", "failed"), of("bo", "generating"), of("cy", "generating"), of("di", "generating"), of("eve", "generating"),
  )
  const { visible, hidden } = shown(toasts, people, at)

  assert.deepEqual(ids(visible), ["ada", "di", "eve"])
  assert.deepEqual(ids(hidden), ["bo", "cy"])
})

test("who has put away a drawing's toast hears of its end, and of nothing before", () => {
  const away = (toasts, nowMs = at) => dismissed(toasts, ["task of ada"], people, nowMs)
  const drawing = heard(away(told(of("ada", "pending"))), of("ada", "generating"), "Ada", at)

  assert.deepEqual(titles(drawing), [])
  assert.deepEqual(titles(drawing, at + 120_000), ["No image after 2 minutes"])
  assert.deepEqual(titles(heard(drawing, of("ada", "failed", { error: "No." }), "Ada", at)), ["No."])
  assert.deepEqual(titles(away(told(of("ada", "failed")))), [])
})

test("another generation of the same character takes the place of the last", () => {
  const toasts = heard(told(of("ada", "failed")), of("ada", "pending", { task_id: "task-2" }), "Ada", at)

  assert.deepEqual(toasts.map(({ id }) => id), ["task-2"])
})

test("a character that is gone has no toast", () => {
  const toasts = told(of("ada", "generating"), of("bo", "generating"))

  assert.deepEqual(ids(ofThose(toasts, people.slice(1))), ["bo"])
  assert.equal(ofThose(toasts, people), toasts)
})
