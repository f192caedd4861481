// What went wrong, as RFC 9457 tells it. `message` is a sentence for a person.
export class LimnerError extends Error {
  constructor({ status, code = null, title = null, detail = null, errors = [], retryAfterSeconds = null }) {
    super(detail || title || `The server answered ${status}, without saying why.`)
    this.name = "LimnerError"
    this.status = status
    this.code = code
    this.title = title
    this.detail = detail
    this.errors = errors
    this.retryAfterSeconds = retryAfterSeconds
    // Set where a request may have been taken without an answer: sent again with this key, it is not done twice.
    this.idempotencyKey = null
  }

  // No answer, a gateway's in place of the server's, a part that is away, the first request still at work: whether it
  // was taken is not known, and it may be sent again with the same key.
  get isUnanswered() {
    return [0, 502, 503, 504].includes(this.status) || this.code === "idempotency_in_progress"
  }

  // By the server's own word: a proxy that has nothing behind it for a moment answers 404 as well.
  get isNotFound() {
    return this.status === 404 && this.code === "not_found"
  }
}

export function unreachable(cause) {
  const error = new LimnerError({
    status: 0,
    code: "unreachable",
    title: "No answer",
    detail: "Limner can't be reached just now. Try again in a moment.",
  })
  error.cause = cause
  return error
}

export async function errorOf(response) {
  const problem = await problemOf(response)
  return new LimnerError({ ...problem, status: response.status, retryAfterSeconds: retryAfterSecondsOf(response) })
}

export function retryAfterSecondsOf({ headers }) {
  return Number(headers.get("Retry-After")) || null
}

async function problemOf(response) {
  // A proxy in front answers in HTML; its words are not for a person.
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return {}
  return (await response.json().catch(() => null)) ?? {}
}
