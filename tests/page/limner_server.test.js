import assert from "node:assert/strict"
import { once } from "node:events"
import { test } from "node:test"

import { createLimner } from "../../src/limner/web/page/limner.js"

// Against a server that runs already, for instance: LIMNER_URL=http://127.0.0.1:8000 node --test tests/page/
const baseUrl = process.env.LIMNER_URL
const options = { skip: baseUrl ? false : "LIMNER_URL names no server", timeout: 60_000 }

async function post(path, body) {
  const response = await fetch(new URL(path, baseUrl), {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  })
  assert.equal(response.status, 201)
  return response.json()
}

async function story(...names) {
  const { id } = await post("/api/plots", { title: "A story to test with" })
  const characters = []
  for (const name of names) characters.push(await post(`/api/plots/${id}/characters`, { name }))
  return { plotId: id, characters }
}

// Watches a plot; `until` waits for what is told.
function watched(limner, plotId) {
  const told = []
  const bell = new EventTarget()
  const note = (name) => (...values) => (told.push([name, ...values]), bell.dispatchEvent(new Event("told")))
  const names = ["onStatus", "onProgress", "onPlot", "onConnection"]
  const watch = limner.watchPlot(plotId, Object.fromEntries(names.map((name) => [name, note(name)])))
  const until = async (isIt) => {
    for (let found; ; await once(bell, "told")) if ((found = told.find(isIt))) return found
  }
  const statusesOf = (id) => told.filter(([name, status]) => name === "onStatus" && status.character_id === id)
  const untilStatus = (id, word) => until(([name, { character_id, status } = {}]) => {
    return name === "onStatus" && character_id === id && status === word
  })
  return { watch, until, untilStatus, statusesOf }
}

function withoutStreams(url, request) {
  if (String(url).endsWith("/events") || String(url).includes("/events?")) throw new TypeError("fetch failed")
  return fetch(url, request)
}

for (const [name, more, transport] of [
  ["by a stream", {}, "stream"],
  ["by questions", { fetch: async (...request) => withoutStreams(...request) }, "poll"],
]) {
  test(`images are asked for, watched ${name}, and told once and in order`, options, async () => {
    const limner = createLimner({ baseUrl, ...more })
    const { plotId, characters } = await story("Ada", "Bob")
    const { watch, until, untilStatus, statusesOf } = watched(limner, plotId)
    try {
      await until(([name]) => name === "onPlot")
      if (transport === "stream") await until(([name, connection]) => connection === "live")
      const asked = await Promise.all(characters.map(({ id }) => limner.generateCharacterImage(id)))
      assert.deepEqual(asked.map(({ status }) => status), ["pending", "pending"])

      for (const { id } of characters) {
        const [, status] = await untilStatus(id, "completed")
        assert.deepEqual(await limner.getCharacterImageStatus(id), status)
        assert.equal((await fetch(limner.url(status.image_url))).status, 200)

        const seqs = statusesOf(id).map(([, { seq }]) => seq)
        assert.deepEqual(seqs, [...new Set(seqs)].sort((one, other) => one - other))
      }
      assert.ok(watch.transport.includes(transport), watch.transport)
    } finally {
      watch.close()
    }
  })
}

test("one character is watched to its end, and a cancel is told", options, async () => {
  const limner = createLimner({ baseUrl })
  const { characters: [{ id }] } = await story("Ada")
  await limner.generateCharacterImage(id)

  const told = []
  const done = new Promise((resolve) => {
    limner.watchCharacter(id, { onStatus: ({ status }) => told.push(status), onDone: resolve })
  })
  await limner.cancelCharacterImage(id)
  await done
  assert.equal(told.at(-1), "canceled")
  await assert.rejects(limner.cancelCharacterImage(id), { code: "not_in_flight", status: 409 })
})

test("a wish sent twice with one key is one wish", options, async () => {
  const limner = createLimner({ baseUrl })
  const { characters: [{ id }] } = await story("Ada")
  const first = await limner.generateCharacterImage(id, { idempotencyKey: "once" })
  await limner.cancelCharacterImage(id)

  assert.deepEqual(await limner.generateCharacterImage(id, { idempotencyKey: "once" }), first)
  assert.equal((await limner.getCharacterImageStatus(id)).status, "canceled")
})

test("what is not there ends the watch", options, async () => {
  const limner = createLimner({ baseUrl })
  const nowhere = "00000000-0000-4000-8000-000000000000"

  const gone = new Promise((resolve) => limner.watchPlot(nowhere, { onConnection: resolve }))
  assert.equal(await gone, "gone")
  await assert.rejects(limner.getCharacterImageStatus(nowhere), { code: "not_found", status: 404 })
})
