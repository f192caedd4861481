import { platformWith } from "./client/platform.js"
import { randomKey } from "./client/random_key.js"
import { Requests } from "./client/requests.js"

const LISTED = 24

// The stories, characters and earlier images that a person makes and looks through. What goes wrong is thrown as a
// LimnerError, as by limner.js, which does all that concerns the drawing itself.
export class Api {
  #requests
  #keys = new Map()

  constructor(options = {}) {
    this.#requests = new Requests(options, platformWith(options))
  }

  plots(cursor = null) {
    return this.#ask(`/api/plots?limit=${LISTED}${after(cursor)}`)
  }

  createPlot(fields) {
    return this.#create("/api/plots", fields)
  }

  changePlot(plotId, fields) {
    return this.#ask(plotPath(plotId), { method: "PATCH", body: fields })
  }

  deletePlot(plotId) {
    return this.#delete(plotPath(plotId))
  }

  addCharacter(plotId, fields) {
    return this.#create(`${plotPath(plotId)}/characters`, fields)
  }

  changeCharacter(characterId, fields) {
    return this.#ask(characterPath(characterId), { method: "PATCH", body: fields })
  }

  deleteCharacter(characterId) {
    return this.#delete(characterPath(characterId))
  }

  generations(characterId, cursor = null) {
    return this.#ask(`${characterPath(characterId)}/generations?limit=${LISTED}${after(cursor)}`)
  }

  // Null when there is none.
  async generation(taskId) {
    try {
      return await this.#ask(`/api/generations/${encodeURIComponent(taskId)}`)
    } catch (error) {
      if (error.isNotFound) return null
      throw error
    }
  }

  // A request that got no answer may have been taken. Sent again, it carries the same key, so it is not done twice.
  async #create(path, fields) {
    const wish = JSON.stringify([path, fields])
    const key = this.#keys.get(wish) ?? randomKey()
    this.#keys.set(wish, key)
    try {
      const created = await this.#ask(path, { method: "POST", body: fields, headers: { "Idempotency-Key": key } })
      this.#keys.delete(wish)
      return created
    } catch (error) {
      if (!error.isUnanswered) this.#keys.delete(wish)
      throw error
    }
  }

  // What is gone already, perhaps by a sending whose answer was lost, is what was wished for.
  async #delete(path) {
    try {
      await this.#ask(path, { method: "DELETE" })
    } catch (error) {
      if (!error.isNotFound) throw error
    }
  }

  async #ask(path, options) {
    return (await this.#requests.send(path, options)).body
  }
}

function plotPath(plotId) {
  return `/api/plots/${encodeURIComponent(plotId)}`
}

function characterPath(characterId) {
  return `/api/characters/${encodeURIComponent(characterId)}`
}

function after(cursor) {
  return cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""
}
