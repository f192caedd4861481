import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { test } from "node:test"

import { addressOf, readAddress } from "../../src/limner/web/page/address.js"
import * as limner from "../../src/limner/web/page/limner.js"
import { character, progress, status } from "./examples.js"
import { settle } from "./fake_clock.js"
import { FakeServer, json, problem } from "./fake_server.js"

const IMPORT = /^import \{ (.+) \} from "\/page\/limner\.js"$/m

const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8")
const [, example] = readme.match(/```js\n(import [^`]*(?:`[^`]+`[^`]*)*?)```/)

// The README's words as they stand, but for where the functions come from.
function exampleWith(given) {
  const text = example.replace(IMPORT, "const { $1 } = given").replace("export function", "return function")
  return new Function("given", text)(given)
}

async function followed() {
  const server = FakeServer.with(character({ image: status({ seq: 2 }) }))
  const shown = []
  const following = exampleWith(server.limner())("plot", (...what) => shown.push(what))
  await settle()
  server.stream.opens()
  return { server, shown, following }
}

test("the README's example imports what limner.js has", () => {
  const names = example.match(IMPORT)[1].split(", ")
  assert.equal(names.length, 3)
  for (const name of names) assert.equal(typeof limner[name], "function", name)
})

test("the README's example shows what happens to an image until it is there", async () => {
  const { server, shown, following } = await followed()

  server.stream.tells("progress", progress({ progress: 0.4 }))
  server.stream.tells("status", status({ seq: 3, status: "completed", image_url: "/api/images/a.png" }), 3)
  server.stream.tells("status", status({ seq: 3, status: "completed", image_url: "/api/images/a.png" }), 3)
  following.close()
  assert.deepEqual(shown, [
    ["ada", "Ada"], ["ada", "generating"], ["connection", "live"], ["ada", "40 %"], ["ada", "/api/images/a.png"],
  ])
})

test("the README's example shows why an image failed, and why a request was refused", async () => {
  const { server, shown, following } = await followed()

  server.stream.tells("status", status({ seq: 3, status: "failed", error: "It was refused." }), 3)
  server.fault = ({ method }) => (method === "POST" ? problem(409, "not_in_flight") : undefined)
  await following.cancel("ada")
  server.fault = ({ method }) => (method === "POST" ? json(202, status({ seq: 4, status: "pending" })) : undefined)
  await following.generate("ada")
  following.close()
  assert.deepEqual(shown.slice(3), [["ada", "It was refused."], ["ada", "A sentence."], ["ada", "pending"]])
})

test("the README's addresses are ones that the page knows", () => {
  const addresses = [...readme.matchAll(/^\| `(\?[^`]+)`/gm)].map(([, search]) => search)
  assert.equal(addresses.length, 4)
  for (const search of addresses) assert.equal(addressOf(readAddress({ search })), `/${search}`)
})
