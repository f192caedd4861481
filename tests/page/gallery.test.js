import assert from "node:assert/strict"
import { test } from "node:test"

import {
  blankGallery, chosenImage, isDrawnAnew, withGallery, withGalleryTrouble, withGenerations,
} from "../../src/limner/web/page/gallery.js"
import { character, status } from "./examples.js"

const drawn = (seq, values = {}) => status({ task_id: `task-${seq}`, seq, status: "completed", ...values })
const looking = withGallery({ gallery: blankGallery }, "ada")
const tasks = ({ gallery }) => gallery.items.map(({ task_id }) => task_id)

function read(state, seqs, { next = null, isMore = false, meant } = {}) {
  return withGenerations(state, "ada", { items: seqs.map((seq) => drawn(seq)), next, meant }, isMore)
}

test("only what has become an image is shown", () => {
  const items = [drawn(9, { status: "failed" }), drawn(6), drawn(3, { status: "canceled" })]
  assert.deepEqual(tasks(withGenerations(looking, "ada", { items, next: null })), ["task-6"])
})

test("the one that the address names is shown, older though it be than what has been read", () => {
  const state = read(looking, [90, 87], { next: "cursor", meant: drawn(3) })

  assert.deepEqual(tasks(state), ["task-90", "task-87", "task-3"])
  assert.equal(chosenImage(state.gallery, "task-3").seq, 3)
  assert.equal(state.gallery.next, "cursor")
  assert.deepEqual(tasks(read(state, [84, 3], { isMore: true })), ["task-90", "task-87", "task-84", "task-3"])
})

test("an address that names an image of somebody else shows none of theirs", () => {
  const state = read(looking, [90], { meant: drawn(3, { character_id: "bob" }) })
  assert.deepEqual(tasks(state), ["task-90"])
})

test("a new image joins those that have been read, however far down one has come", () => {
  const state = read(read(looking, [9, 6], { next: "one" }), [3], { next: "two", isMore: true })

  const renewed = read(state, [12, 9], { next: "another" })
  assert.deepEqual(tasks(renewed), ["task-12", "task-9", "task-6", "task-3"])
  assert.equal(renewed.gallery.next, "two")
})

test("where more have come than are read at once, it begins anew, and leaves none out", () => {
  const renewed = read(read(looking, [9, 6], { next: "one" }), [30, 27], { next: "another" })

  assert.deepEqual(tasks(renewed), ["task-30", "task-27"])
  assert.equal(renewed.gallery.next, "another")
})

test("the same page read twice shows nothing twice", () => {
  const state = read(looking, [9, 6], { next: "one" })
  const twice = read(read(state, [3], { isMore: true }), [3], { isMore: true })
  assert.deepEqual(tasks(twice), ["task-9", "task-6", "task-3"])
})

test("an answer about somebody who is looked at no more says nothing", () => {
  const other = withGallery(looking, "bob")
  assert.equal(read(other, [9]), other)
  assert.equal(withGalleryTrouble(other, "ada", new Error()), other)
})

test("the same image drawn once more is another one, and one that is being drawn is none yet", () => {
  const one = character({ image_url: "/1.png", image: drawn(3) })

  assert.equal(isDrawnAnew(character({ image_url: "/1.png", image: drawn(6) }), one), true)
  assert.equal(isDrawnAnew(character({ image_url: "/2.png", image: drawn(7, { status: "pending" }) }), one), true)
  assert.equal(isDrawnAnew(character({ image_url: "/1.png", image: drawn(5, { status: "generating" }) }), one), false)
  assert.equal(isDrawnAnew({ ...one, name: "Another" }, one), false)
  assert.equal(isDrawnAnew(undefined, one), false)
})
