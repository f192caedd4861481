import assert from "node:assert/strict"
import { test } from "node:test"

import { Ledger } from "../../src/limner/web/page/client/ledger.js"
import { isLoading, PATIENCE_MS, phaseOf } from "../../src/limner/web/page/phase.js"
import {
  blank, find, withConnection, withPatience, withPlot, withProgress, withStatus, withWish,
} from "../../src/limner/web/page/story.js"
import { tidied } from "../../src/limner/web/page/toasts.js"
import { character, plot, progress, status } from "./examples.js"

const ORDERS = 500
const NEWS = 60
const WISHES = [
  null, { step: "asking" }, { step: "asking", isCanceled: true }, { step: "canceling", isCancel: true }, { step: "kept" },
  { step: "kept", isCancel: true, isOfAsking: true },
]
const PHASE_OF = { completed: "done", failed: "failed", canceled: "canceled" }
const queuedMs = Date.parse("2026-11-22T20:59:50Z")

// Numbers from 0 to 1, the same ones each time for the same seed (mulberry32).
function chanceOf(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const wishOver = ({ task_id }, wish) => wish && { id: "wish", taskId: task_id, sinceMs: queuedMs, ...wish }
const oneOf = (choices, chance) => choices[Math.floor(chance() * choices.length)]

// Up to three drawings of one character, each with lost attempts perhaps, and each with an end.
function historyOf(chance) {
  const words = []
  for (let drawing = 1; drawing <= 1 + Math.floor(chance() * 3); drawing++) {
    const lost = chance() < 0.4 ? ["generating", "pending"] : []
    const end = oneOf(Object.keys(PHASE_OF), chance)
    for (const word of ["pending", ...lost, "generating", end]) words.push([drawing, word])
  }
  return words.map(([drawing, word], place) => {
    const image_url = word === "completed" ? `/${drawing}.png` : null
    return status({ task_id: `task-${drawing}`, status: word, seq: place + 1, image_url })
  })
}

function imageUrlOf(history) {
  return history.findLast(({ image_url }) => image_url)?.image_url ?? null
}

// A page that hears of it in some order: old answers after new ones, events twice, hints of what is over, the plot as
// it was a while ago, the network gone and back, clicks. Between two of them it looks as it would on the screen.
function play(history, chance, look) {
  const told = []
  let state = blank
  const ledger = new Ledger((each, before) => {
    told.push(each.seq)
    state = withStatus(state, each, before, queuedMs)
  })
  const read = (image) => {
    const image_url = imageUrlOf(history.filter(({ seq }) => seq <= image.seq))
    const brought = ledger.brought(plot(character({ image, image_url })))
    state = withPlot(state, brought)
    ledger.hearAll(brought)
  }
  const hint = (each) => {
    const heard = progress({ task_id: each.task_id, preview_url: "/so-far.webp" })
    if (ledger.isOfNow(heard)) state = withProgress(state, heard, queuedMs)
  }
  const news = [
    read, hint,
    (each) => ledger.hear(each),
    (each) => ledger.hearInOrder(each),
    () => (state = withConnection(state, oneOf(["connecting", "live", "polling", "offline"], chance))),
    () => (state = withWish(state, "ada", wishOver(find(state, "ada").image, oneOf(WISHES, chance)))),
    () => (state = withPatience(state, "ada", queuedMs + chance() * PATIENCE_MS)),
    () => (state = { ...state, toasts: tidied(state.toasts, queuedMs + chance() * PATIENCE_MS) }),
  ]

  read(history[0])
  for (let count = 0; count < NEWS; count++) {
    const known = Math.ceil(((count + 1) / NEWS) * history.length)
    oneOf(news, chance)(oneOf(history.slice(0, known), chance))
    look(find(state, "ada"))
  }
  ledger.hear(history.at(-1))
  for (const each of history) for (const tell of news.slice(0, 4)) tell(each)
  // Every request of the person's is answered, refused or kept in the end.
  state = withWish(state, "ada", null)
  return { ada: find(state, "ada"), told }
}

test("no order of events leaves a card loading, shows an old truth, or says done before there is an image", () => {
  for (let seed = 1; seed <= ORDERS; seed++) {
    const chance = chanceOf(seed)
    const history = historyOf(chance)
    let before = { image: history[0], image_url: null }
    const { ada, told } = play(history, chance, (seen) => {
      if (phaseOf(seen, queuedMs) === "done") assert.ok(seen.image_url, `seed ${seed}`)
      assert.ok(seen.image.seq >= before.image.seq, `seed ${seed}: an older status`)
      assert.ok((seen.image_url ?? "") >= (before.image_url ?? ""), `seed ${seed}: an older image`)
      before = seen
      assert.equal(isLoading(phaseOf(seen, queuedMs + 2 * PATIENCE_MS)), false, `seed ${seed}: loads for ever`)
      const isAnswer = seen.wish?.step !== "asking" || seen.wish.taskId !== seen.image.task_id
      if (isAnswer && seen.image.status in PHASE_OF) {
        assert.equal(phaseOf(seen, queuedMs), PHASE_OF[seen.image.status], `seed ${seed}: the end is veiled`)
      }
    })

    const end = history.at(-1)
    assert.equal(phaseOf(ada, queuedMs), PHASE_OF[end.status], `seed ${seed}`)
    assert.deepEqual([ada.progress, ada.preview], [null, null], `seed ${seed}`)
    assert.equal(ada.image_url, imageUrlOf(history), `seed ${seed}`)
    assert.deepEqual(told, [...new Set(told)].sort((one, other) => one - other), `seed ${seed}`)
  }
})
