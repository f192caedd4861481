// Objects as the server sends them, with what a test cares about put in.
export function status(values = {}) {
  const { metadata, ...rest } = values
  return {
    character_id: "ada", plot_id: "plot", task_id: "task-1", status: "generating", previous: "pending", seq: 2,
    at: "2026-11-22T21:00:00.000000Z", image_url: null, error: null, error_code: null,
    metadata: {
      attempt: 1, max_attempts: 3, provider: "avatar", model: "avatar", prompt: "Ada",
      queued_at: "2026-11-22T20:59:50.000000Z", started_at: "2026-11-22T21:00:00.000000Z", finished_at: null,
      duration_seconds: null, estimate: { low_seconds: 20, high_seconds: 30 }, image: null, last_error: null,
      retryable: null, ...metadata,
    },
    ...rest,
  }
}

export function neverDrawn(character_id = "ada") {
  return {
    character_id, plot_id: "plot", task_id: null, status: "none", previous: null, seq: null, at: null,
    image_url: null, error: null, error_code: null, metadata: {},
  }
}

export function character(values = {}) {
  return { id: "ada", plot_id: "plot", name: "Ada", description: "", image_url: null, image: neverDrawn(), ...values }
}

export function plot(...characters) {
  return { id: "plot", title: "A story", style: "", seq: 0, characters }
}

export function progress(values = {}) {
  return {
    character_id: "ada", task_id: "task-1", progress: 0.4, progress_kind: "reported", eta_seconds: null,
    queue_position: null, stage: "drawing", preview_url: null, ...values,
  }
}
