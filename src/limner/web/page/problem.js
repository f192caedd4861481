export const unreachable = {
  status: 0,
  code: "unreachable",
  detail: "Limner can't be reached just now. Try again in a moment.",
}

// What went wrong, as RFC 9457 tells it. `message` is a sentence for a person, `fields` maps a field's name to its own.
export class Problem extends Error {
  constructor({ status, code = null, title = null, detail = null, errors = [], retryAfterSeconds = null }) {
    super(detail || title || `The server answered ${status}, which this page doesn't understand.`)
    this.name = "Problem"
    this.status = status
    this.code = code
    this.fields = Object.fromEntries(errors.map((error) => [fieldOf(error.pointer), error.detail]))
    this.retryAfterSeconds = retryAfterSeconds
  }

  // No answer, a gateway's, a database that went away, or a request still at work: whether it was taken is not known.
  get wasAnswered() {
    return ![0, 502, 503, 504].includes(this.status) && this.code !== "idempotency_in_progress"
  }
}

export async function problemFrom(response) {
  const retryAfterSeconds = Number(response.headers.get("Retry-After")) || null
  return new Problem({ ...(await readProblem(response)), status: response.status, retryAfterSeconds })
}

// A body that is cut off or is no JSON tells as little as no answer at all.
export async function readJson(response) {
  try {
    return await response.json()
  } catch {
    throw new Problem(unreachable)
  }
}

async function readProblem(response) {
  // A proxy in front answers in HTML; its words are not for this page.
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return {}
  return response.json().catch(() => ({}))
}

// The first step of a JSON Pointer (RFC 6901): "/name" → "name"; "" is the whole.
function fieldOf(pointer) {
  return (pointer ?? "").split("/")[1]?.replaceAll("~1", "/").replaceAll("~0", "~") ?? ""
}
