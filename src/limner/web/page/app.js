import { Api } from "./api.js"
import { ServerClock } from "./clock.js"
import { platformWith } from "./client/platform.js"
import { Desk } from "./desk.js"
import { Errands } from "./errands.js"
import { Frames } from "./frames.js"
import { blankGallery, isDrawnAnew, withGallery, withGalleryTrouble, withGenerations } from "./gallery.js"
import { blankLibrary, withLibraryTrouble, withMorePlots, withPlots } from "./library.js"
import { createLimner } from "./limner.js"
import { Navigation } from "./navigation.js"
import { Store } from "./store.js"
import { blank, find, wishesOf, withoutPlot, withToasts } from "./story.js"
import { dismissed, released, tidied } from "./toasts.js"
import { View } from "./view.js"
import { WishMemory } from "./wish_memory.js"

const TICK_MS = 250
const RETRY_MS = 3_000
// Of more, many may change between two frames, and each view of them all costs as much as they are.
const FEW = 24

const clock = new ServerClock()
const platform = platformWith()
const api = new Api({ fetch: fetchAndHear })
const limner = createLimner({ fetch: fetchAndHear })
const navigation = new Navigation(move)
const memory = new WishMemory(() => sessionStorage)
const wishes = memory.recall(clock.now())
const frames = new Frames(() => view.show(store.state, clock.now()))
const store = new Store({ place: navigation.place, library: blankLibrary, gallery: blankGallery, ...blank, wishes }, changed)
const errands = new Errands({ limner, store, clock, platform })
let desk = null
let readingPlots = new AbortController()

const view = new View({
  onDraw: (characterId) => desk.draw(characterId),
  onDrawAll: () => desk.drawAll(),
  onRetry: (characterId) => desk.draw(characterId),
  onKeepWaiting: (characterId) => desk.keepWaiting(characterId),
  onCancel: (characterId) => desk.cancel(characterId),
  onDismiss: (ids) => store.move(withToasts, dismissed, ids, store.state.characters, clock.now()),
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
  clock.hearNow(response.headers.get("Date"))
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
  store.move((state) => ({ ...withoutPlot(state), place }))
  window.scrollTo(0, 0)
  begin(place)
}

function begin({ plotId }) {
  if (!plotId) return readPlots()
  desk = new Desk(plotId, { limner, api, store, clock, errands })
  desk.open()
}

function changed(state, before) {
  memory.keep(wishesOf(state))
  if (state.characters.length <= FEW) frames.now()
  else frames.soon()
  const isLookedAt = state.gallery.items && before.gallery.items && state.place.dialog === "portrait"
  if (isLookedAt && isDrawnAnew(find(state, state.gallery.characterId), find(before, state.gallery.characterId))) readGallery()
}

async function readPlots() {
  readingPlots.abort()
  readingPlots = new AbortController()
  const { signal } = readingPlots
  try {
    store.move(withPlots, await api.plots())
  } catch (error) {
    store.move(withLibraryTrouble, error)
    if (!error.isUnanswered) return
    await platform.pause(RETRY_MS, signal)
    if (!signal.aborted && !store.state.place.plotId) readPlots()
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
    const read = await api.generations(characterId, cursor)
    const meant = await readMeant(characterId, read.items)
    store.move(withGenerations, characterId, { ...read, meant }, cursor !== null)
  } catch (error) {
    store.move(withGalleryTrouble, characterId, error)
  }
}

// The one that the address names may be older than those that have been read.
async function readMeant(characterId, read) {
  const { place, gallery } = store.state
  const isIt = ({ task_id }) => task_id === place.taskId
  if (!place.taskId || place.characterId !== characterId || read.some(isIt)) return null
  return gallery.items?.find(isIt) ?? await api.generation(place.taskId)
}

async function saveCharacter(place, fields) {
  const { characterId } = place
  const saved = await (characterId ? desk.changeCharacter(characterId, fields) : desk.addCharacter(fields))
  if (!isStillAt(place)) return
  if (!characterId) view.focusOnReturn(saved.id)
  navigation.leaveDialog()
}

// An answer may come when the person has gone on to something else, which must not be taken from under their hands.
function isStillAt(place) {
  return store.state.place === place
}

async function removeCharacter({ characterId }) {
  await desk.deleteCharacter(characterId)
}

async function savePlot(place, fields) {
  if (!place.plotId) return showNewPlot(place, await api.createPlot(fields))
  await desk.changePlot(fields)
  if (isStillAt(place)) navigation.leaveDialog()
}

// The back button leads to the stories, not to the dialog that has made this one.
function showNewPlot(place, { id }) {
  if (!isStillAt(place)) return store.state.place.plotId ? undefined : readPlots()
  if (place.dialog) navigation.turn({ plotId: id })
  else navigation.go({ plotId: id })
}

async function removePlot({ plotId }) {
  await desk.deletePlot()
  if (store.state.place.plotId === plotId) navigation.turn({})
}

// One clock for all that runs on the page: words, toasts that have been there long enough, waits that are too long.
function tick() {
  frames.overdue()
  if (!view.areToastsHeld) store.move(withToasts, tidied, clock.now())
  view.tick(store.state, clock.now())
}

window.addEventListener("pageshow", ({ persisted }) => persisted && !store.state.place.plotId && readPlots())
setInterval(tick, TICK_MS)
frames.now()
begin(store.state.place)
errands.resume()
if (store.state.place.dialog === "portrait") openGallery(store.state.place)
