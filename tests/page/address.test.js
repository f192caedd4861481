import assert from "node:assert/strict"
import { test } from "node:test"

import { addressOf, nowhere, readAddress } from "../../src/limner/web/page/address.js"

const read = (search) => readAddress({ search })

test("an address is read as it was written, wherever one is", () => {
  const places = [
    nowhere,
    { ...nowhere, dialog: "new" },
    { ...nowhere, plotId: "a&b" },
    { ...nowhere, plotId: "p", dialog: "add" },
    { ...nowhere, plotId: "p", dialog: "story" },
    { ...nowhere, plotId: "p", dialog: "edit", characterId: "c" },
    { plotId: "p", dialog: "portrait", characterId: "c", taskId: "t" },
  ]

  for (const place of places) assert.deepEqual(read(addressOf(place).slice(1)), place)
})

test("a bare address is that of the stories", () => {
  assert.equal(addressOf({}), "/")
  assert.deepEqual(read(""), nowhere)
})

test("what means nothing leads to the nearest that does", () => {
  const story = { ...nowhere, plotId: "p" }

  assert.deepEqual(read("?plot=p&dialog=constructor"), story)
  assert.deepEqual(read("?plot=p&dialog=edit"), story)
  assert.deepEqual(read("?plot=p&dialog=add&character=c"), { ...story, dialog: "add" })
  assert.deepEqual(read("?dialog=portrait&character=c"), nowhere)
})
