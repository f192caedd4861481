import { Api } from "./api.js"
import { ServerClock } from "./clock.js"
import { platformWith } from "./client/platform.js"
import { Desk } from "./desk.js"
import { blankGallery, withGallery, withGalleryTrouble, withGenerations } from "./gallery.js"
import { blankLibrary, withLibraryTrouble, withMorePlots, withPlots } from "./library.js"
import { createLimner } from "./limner.js"
import { Navigation } from "./navigation.js"
import { Store } from "./store.js"
import { blank, find, withToasts } from "./story.js"
import { dismissed, released, tidied } from "./toasts.js"
import { View } from "./view.js"

const TICK_MS = 250
const RETRY_MS = 3_000

const clock = new ServerClock()
const platform = platformWith()
const api = new Api({ fetch: fetchAndHear })
const limner = createLimner({ fetch: fetchAndHear })
const navigation = new Navigation(move)
const store = new Store({ place: navigation.place, library: blankLibrary, gallery: blankGallery, ...blank }, changed)
let desk = null

const view = new View({
  onDraw: (characterId) => desk.draw(characterId),
  onDrawAll: () => desk.drawAll(),
  onRetry: (characterId) => desk.draw(characterId),
  onKeepWaiting: (characterId) => desk.keepWaiting(characterId),
  onCancel: (characterId) => desk.cancel(characterId),
  onDismiss: (taskIds) => store.move(withToasts, dismissed, taskIds, store.state.characters, clock.now()),
  onRelease: () => store.move(withToasts, released, clock.now()),
  onLeaveDialog: () => navigation.leaveDialog(),
  onMorePlots: () => readMorePlots(),
  onMoreImages: () => readGallery(store.state.gallery.next),
  onCharacter: saveCharacter,
  onRemoveCharacter: removeCharacter,
  onPlot: savePlot,
  onRemovePlot: removePlot,
})

// Every answer tells the server's time, by which the page counts.
async function fetchAndHear(...request) {
  const response = await fetch(...request)
  clock.hear(response.headers.get("Date"))
  return response
}

function move(place) {
  const before = store.state.place
  if (before.plotId !== place.plotId) changeStory(place)
  else store.move((state) => ({ ...state, place }))
  if (place.dialog === "portrait" && place.characterId !== before.characterId) openGallery(place)
}

function changeStory(place) {
  desk?.close()
  desk = null
  store.move((state) => ({ ...state, ...blank, place }))
  window.scrollTo(0, 0)
  begin(place)
}

function begin({ plotId }) {
  if (!plotId) return readPlots()
  desk = new Desk(plotId, { limner, api, store, clock, platform })
  desk.open()
}

function changed(state, before) {
  view.show(state, clock.now())
  const { characterId, items } = state.gallery
  const [image, imageBefore] = [state, before].map((each) => find(each, characterId)?.image_url)
  // A new one was drawn while the earlier ones are looked at.
  if (items && image !== imageBefore && before.gallery.items) readGallery()
}

async function readPlots() {
  try {
    store.move(withPlots, await api.plots())
  } catch (error) {
    store.move(withLibraryTrouble, error)
    if (!error.isUnanswered) return
    await platform.pause(RETRY_MS)
    if (!store.state.place.plotId) readPlots()
  }
}

async function readMorePlots() {
  try {
    store.move(withMorePlots, await api.plots(store.state.library.next))
  } catch (error) {
    store.move(withLibraryTrouble, error)
  }
}

function openGallery({ characterId }) {
  store.move(withGallery, characterId)
  readGallery()
}

async function readGallery(cursor = null) {
  const { characterId } = store.state.gallery
  try {
    store.move(withGenerations, characterId, await api.generations(characterId, cursor), cursor !== null)
  } catch (error) {
    store.move(withGalleryTrouble, characterId, error)
  }
}

async function saveCharacter({ characterId }, fields) {
  if (characterId) await desk.changeCharacter(characterId, fields)
  else view.focusOnReturn((await desk.addCharacter(fields)).id)
  navigation.leaveDialog()
}

async function removeCharacter({ characterId }) {
  await desk.deleteCharacter(characterId)
}

async function savePlot({ plotId, dialog }, fields) {
  if (!plotId) return showNewPlot(await api.createPlot(fields), dialog)
  await desk.changePlot(fields)
  navigation.leaveDialog()
}

// The back button leads to the stories, not to the dialog that has made this one.
function showNewPlot({ id }, dialog) {
  if (dialog) navigation.turn({ plotId: id })
  else navigation.go({ plotId: id })
}

async function removePlot() {
  await desk.deletePlot()
  navigation.turn({})
}

// One clock for all that runs on the page: words, toasts that have been there long enough, waits that are too long.
function tick() {
  if (!view.areToastsHeld) store.move(withToasts, tidied, clock.now())
  view.tick(store.state, clock.now())
}

window.addEventListener("pageshow", ({ persisted }) => persisted && !store.state.place.plotId && readPlots())
setInterval(tick, TICK_MS)
view.show(store.state, clock.now())
begin(store.state.place)
if (store.state.place.dialog === "portrait") openGallery(store.state.place)
