/** Where an image is. `completed`, `failed` and `canceled` are final; `none` was never drawn. */
export type ImageStatus = "none" | "pending" | "generating" | "completed" | "failed" | "canceled"

/** Why a drawing failed: a stable word; later servers may know more. */
export type ErrorCode =
  | "content_policy" | "provider_rejected" | "provider_unauthorized" | "provider_quota" | "provider_model_unavailable"
  | "provider_rate_limited" | "provider_unavailable" | "provider_timeout" | "invalid_image" | "storage_unavailable"
  | "worker_lost" | "deadline_exceeded" | "internal" | (string & {})

export interface ImageMetadata {
  /** 0 before the first. */
  attempt: number
  max_attempts: number
  provider: string | null
  model: string | null
  prompt: string
  /** Times are RFC 3339, UTC. */
  queued_at: string
  /** Of the newest attempt. */
  started_at: string | null
  finished_at: string | null
  duration_seconds: number | null
  /** How long it usually takes: the 50th and the 90th percentile. */
  estimate: { low_seconds: number; high_seconds: number } | null
  image: {
    width: number; height: number; content_type: string; bytes: number; sha256: string; thumbnail_url: string
  } | null
  /** Why the attempt before was lost. */
  last_error: string | null
  /** Whether the same request may be worth sending again. */
  retryable: boolean | null
}

interface StatusOf<S extends ImageStatus> {
  character_id: string
  plot_id: string
  status: S
}

interface Transition<S extends ImageStatus> extends StatusOf<S> {
  /** The generation. */
  task_id: string
  previous: Exclude<ImageStatus, "none"> | null
  /** The number of this transition within its plot: a higher one is later. */
  seq: number
  at: string
  metadata: ImageMetadata
}

export interface NeverDrawn extends StatusOf<"none"> {
  task_id: null
  previous: null
  seq: null
  at: null
  image_url: null
  error: null
  error_code: null
  metadata: Record<string, never>
}

export interface UnfinishedStatus extends Transition<"pending" | "generating" | "canceled"> {
  image_url: null
  error: null
  error_code: null
}

export interface CompletedStatus extends Transition<"completed"> {
  /** A path of the server; `url()` makes it an address. */
  image_url: string
  error: null
  error_code: null
}

export interface FailedStatus extends Transition<"failed"> {
  image_url: null
  /** One sentence for a person. */
  error: string
  error_code: ErrorCode
}

/** What is told of a character that was drawn, or is being drawn. */
export type DrawnStatus = UnfinishedStatus | CompletedStatus | FailedStatus

/** How a character's image is. */
export type Status = NeverDrawn | DrawnStatus

/** A hint of how far a drawing is; nothing is lost where none comes, and none comes without a stream. */
export interface Progress {
  character_id: string
  task_id: string
  /** 0 to 1; null where it is not known. */
  progress: number | null
  progress_kind: "reported" | "estimated"
  eta_seconds: number | null
  /** While pending; 0 is next. */
  queue_position: number | null
  stage: "queued" | "ordering" | "drawing" | "downloading" | "storing"
  /** A small picture of the image so far; lives 5 minutes. */
  preview_url: string | null
}

export interface Character {
  id: string
  plot_id: string
  name: string
  description: string
  /** Its newest completed image, which stays while a new one is drawn. */
  image_url: string | null
  image: Status
  created_at: string
  updated_at: string
}

export interface Plot {
  id: string
  title: string
  style: string
  /** The newest of its transitions; 0 at first. */
  seq: number
  created_at: string
  updated_at: string
  /** In the order they were added. */
  characters: Character[]
}

/**
 * How the server is reached. A watch begins `connecting`; `live` is by a stream, `polling` without one, `offline` not
 * at all just now, `gone` for good (a plot or character that was removed: the watch has ended).
 */
export type Connection = "connecting" | "live" | "polling" | "offline" | "gone"

interface Listeners {
  /**
   * A transition: each is told once, later ones never before earlier ones. Without a stream those between two questions
   * are left out. `before` is what was known of the character until then; null when nothing was: this is no change.
   */
  onStatus?(status: DrawnStatus, before: Status | null): void
  onProgress?(progress: Progress): void
  /** `trouble` tells why it is `offline`, and is null otherwise; when the reason changes, it is told again. */
  onConnection?(connection: Connection, trouble: LimnerError | null): void
}

export interface PlotListeners extends Listeners {
  /** The plot, at first and whenever what was read of it has changed; its images are the newest known. */
  onPlot?(plot: Plot): void
}

export interface CharacterListeners extends Listeners {
  /** The image has a final status, told before; the watch has ended. */
  onDone?(): void
}

export interface Watch {
  readonly connection: Connection
  /** By which way news come, for those who look into it; null while none does. */
  readonly transport: "stream" | "long-poll" | "poll" | null
  /** Read the plot again now, after a change of one's own. */
  refresh(): void
  /** No listener is called afterwards. */
  close(): void
}

export interface RequestOptions {
  signal?: AbortSignal
}

export interface ImageWish extends RequestOptions {
  /** The whole prompt, in place of the one made of the character's description. */
  prompt?: string
  provider?: string
  model?: string
  seed?: number
  /** 1 to 255 printable ASCII characters; made anew for each call when left out. */
  idempotencyKey?: string
}

export interface Limner {
  watchPlot(plotId: string, listeners?: PlotListeners): Watch
  watchCharacter(characterId: string, listeners?: CharacterListeners): Watch
  getCharacterImageStatus(characterId: string, options?: RequestOptions): Promise<Status>
  generateCharacterImage(characterId: string, wish?: ImageWish): Promise<Status>
  cancelCharacterImage(characterId: string, options?: RequestOptions): Promise<Status>
  /** The address of a path of the server, an image's for instance. */
  url(path: string): string
}

export interface EventSourceLike {
  readonly readyState: number
  addEventListener(type: string, listener: (event: any) => void): void
  close(): void
}

export interface LimnerOptions {
  /** Where the server is, without `/api`; the page's own origin when left out. Needed outside of a browser. */
  baseUrl?: string | URL
  /**
   * Sent with each request, `Authorization` for instance; a function is asked before each. An EventSource can send no
   * header, so with these the event stream is read by `fetch`.
   */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>)
  /** `include` sends the cookie to another origin. */
  credentials?: "omit" | "same-origin" | "include"
  fetch?: typeof fetch
  EventSource?: new (url: string, options: { withCredentials: boolean }) => EventSourceLike
  /** `now` gives milliseconds, and must go on while the machine sleeps. */
  clock?: { now(): number; setTimeout(callback: () => void, ms: number): unknown; clearTimeout(timer: any): void }
  /** 0 to 1, for the spreading of retries. */
  random?(): number
  /** Tells `pagehide`, `pageshow`, `online`, `offline` and `visibilitychange`; the window when left out. */
  events?: EventTarget
  isHidden?(): boolean
  /** Gets what a listener throws. */
  report?(error: unknown): void
}

/** What went wrong, as RFC 9457 tells it. */
export class LimnerError extends Error {
  constructor(problem: {
    status: number
    code?: string | null
    title?: string | null
    detail?: string | null
    errors?: { pointer: string; detail: string }[]
    retryAfterSeconds?: number | null
  })
  /** The HTTP status; 0 when no answer came. */
  readonly status: number
  /** A stable word, `unreachable` when no answer came; null when the answer was not the server's. */
  readonly code: string | null
  readonly title: string | null
  /** This case of it, one sentence for a person; so is `message`, which is always there. */
  readonly detail: string | null
  /** Which fields were refused, and why: `{pointer: "/name", detail}`. */
  readonly errors: { pointer: string; detail: string }[]
  readonly retryAfterSeconds: number | null
  /** Of a request that may have been taken: with it, it may be sent again without being done twice. */
  readonly idempotencyKey: string | null
  /** Whether the request may have been taken though no answer told so. */
  readonly isUnanswered: boolean
}

export function createLimner(options?: LimnerOptions): Limner
export const watchPlot: Limner["watchPlot"]
export const watchCharacter: Limner["watchCharacter"]
export const getCharacterImageStatus: Limner["getCharacterImageStatus"]
export const generateCharacterImage: Limner["generateCharacterImage"]
export const cancelCharacterImage: Limner["cancelCharacterImage"]
