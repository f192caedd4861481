import assert from "node:assert/strict"
import { test } from "node:test"

import { addressOf, readAddress } from "../../src/limner/web/page/address.js"

test("the query or the fragment names the story", () => {
  assert.deepEqual(readAddress({ search: "?plot=51c2", hash: "" }), { plotId: "51c2" })
  assert.deepEqual(readAddress({ search: "", hash: "#51c2" }), { plotId: "51c2" })
})

test("a bare address means the newest, and one asks for a new story by name", () => {
  assert.deepEqual(readAddress({ search: "", hash: "" }), {})
  assert.deepEqual(readAddress({ search: "?new", hash: "" }), { isNew: true })
})

test("an address is read as it was written", () => {
  const [, search] = addressOf("a&b").split("/")

  assert.deepEqual(readAddress({ search, hash: "" }), { plotId: "a&b" })
})
