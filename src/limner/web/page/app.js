import { addressOf, readAddress } from "./address.js"
import { Announcer } from "./announcer.js"
import { Api } from "./api.js"
import { ServerClock } from "./clock.js"
import { Form } from "./form.js"
import { PlotView } from "./plot_view.js"
import { Stories } from "./stories.js"
import { Desk } from "./desk.js"

const TICK_MS = 250
const RETRY_MS = 3_000

const find = (id) => document.getElementById(id)
const clock = new ServerClock()
const api = new Api({ onDate: (date) => clock.hear(date) })
const stories = new Stories(find("story"))

async function start() {
  window.addEventListener("hashchange", () => location.reload())
  const { plotId, isNew } = readAddress(location)
  if (plotId) watch(plotId)

  const listed = await listStories(plotId)
  if (plotId || !listed) return
  if (isNew || listed.length === 0) welcome()
  else watchNewest(listed[0])
}

// Under its own address from here on: a newer story must not take its place when the page is loaded again.
function watchNewest({ id }) {
  history.replaceState(null, "", addressOf(id))
  stories.choose(id)
  watch(id)
}

// The list is a convenience beside a story that is open, and the way to one when none is. Null when it can't be had.
async function listStories(plotId) {
  for (;;) {
    try {
      const { items } = await api.plots(50)
      stories.show(items, plotId)
      if (!plotId) notify(null)
      return items
    } catch (problem) {
      if (!plotId) notify(problem.message)
      if (plotId || problem.wasAnswered) return null
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

function welcome() {
  find("welcome").hidden = false
  find("title").focus()
  new Form(find("new-story"), async (fields) => location.assign(addressOf((await api.createPlot(fields)).id)))
}

function watch(plotId) {
  const announcer = new Announcer(find("announcer"))
  const desk = new Desk(plotId, { api, clock, onChange: (state, before) => view.show(state, before, clock.now()) })
  const view = new PlotView(find("plot"), find("notice"), announcer, {
    onDraw: (characterId) => desk.draw(characterId),
    onCancel: (characterId) => desk.cancel(characterId),
  })

  new Form(find("new-character"), (fields) => desk.addCharacter(fields))
  setInterval(() => view.tick(clock.now()), TICK_MS)
  keepAwake(desk)
  desk.open()
}

// A page in the back-forward cache may hold no connection, and one that slept has one that may be dead.
function keepAwake(desk) {
  window.addEventListener("pagehide", () => desk.close())
  window.addEventListener("pageshow", ({ persisted }) => persisted && desk.resume())
  window.addEventListener("online", () => desk.wake())
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && desk.wake())
}

function notify(sentence) {
  find("notice").hidden = !sentence
  find("notice").textContent = sentence ?? ""
}

start()
