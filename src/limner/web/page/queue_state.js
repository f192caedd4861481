// What the page of the queue shows. The view is what the server sent last; progress is by task id, and says when it
// was heard.
export const blankQueue = { view: null, progress: {}, connection: "connecting", lostMs: null }

export function withView(state, view) {
  const drawn = new Set(view.generating.map(({ task_id }) => task_id))
  const kept = Object.entries(state.progress).filter(([taskId]) => drawn.has(taskId))
  return { ...state, view, progress: Object.fromEntries(kept) }
}

export function withProgress(state, told, heardMs) {
  if (!state.view?.generating.some(({ task_id }) => task_id === told.task_id)) return state
  return { ...state, progress: { ...state.progress, [told.task_id]: { ...told, heardMs } } }
}

// While nobody tells us anything, the page's clocks stand at the moment when that began.
export function withConnection(state, connection, nowMs) {
  return { ...state, connection, lostMs: isLost(connection) ? (state.lostMs ?? nowMs) : null }
}

export function isLost(connection) {
  return !["connecting", "live", "polling"].includes(connection)
}

// An entry as it is by now: what it is in goes on while nobody says anything.
export function grown(entry, at, nowMs) {
  const phases = entry.phases.map((phase) => ({ ...phase, isLost: false }))
  phases.forEach((phase, place) => {
    phase.isLost = phase.status === "generating" && phases[place + 1]?.status === "pending"
  })
  if (isUnderWay(entry)) phases.at(-1).seconds += Math.max(0, (nowMs - Date.parse(at)) / 1_000)
  return { ...entry, phases }
}

export function isUnderWay({ status }) {
  return status === "pending" || status === "generating"
}

export function totalOf({ phases }) {
  return phases.reduce((sum, { seconds }) => sum + seconds, 0)
}
