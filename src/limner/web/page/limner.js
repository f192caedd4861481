// Limner for another web application: watch how images of a story's characters come to be, and ask for them.
//
//     import { generateCharacterImage, watchPlot } from "/page/limner.js"
//
//     const watch = watchPlot(plotId, { onStatus: (status) => show(status), onConnection: (state) => notice(state) })
//     await generateCharacterImage(characterId)
//     watch.close()
//
// It needs no DOM. `limner.d.ts` has all the types.

import { CharacterScope } from "./client/character_scope.js"
import { Commands } from "./client/commands.js"
import { platformWith } from "./client/platform.js"
import { PlotScope } from "./client/plot_scope.js"
import { Requests } from "./client/requests.js"
import { Watch } from "./client/watch.js"

export { LimnerError } from "./client/limner_error.js"

/**
 * A client of one server. The functions below are those of a client of the page's own origin.
 *
 * @param {import("./limner.d.ts").LimnerOptions} [options]
 * @returns {import("./limner.d.ts").Limner}
 */
export function createLimner(options = {}) {
  const platform = platformWith(options)
  const requests = new Requests(options, platform)
  const commands = new Commands(requests, platform)
  const watches = new Set()

  const watch = (Scope, id, listeners) => {
    const watched = new Watch((tell) => new Scope(id, requests, tell, platform), listeners, {
      requests, platform, onEnd: () => watches.delete(watched),
    })
    watches.add(watched)
    return watched
  }
  // The answer to a command shows at once in what is watched, and what a stream says of it later is no news.
  const told = (status) => {
    for (const watched of watches) watched.hearAnswer(status)
    return status
  }

  return {
    watchPlot: (plotId, listeners = {}) => watch(PlotScope, plotId, listeners),
    watchCharacter: (characterId, listeners = {}) => watch(CharacterScope, characterId, listeners),
    getCharacterImageStatus: (characterId, chosen) => commands.status(characterId, chosen),
    generateCharacterImage: async (characterId, wish) => told(await commands.generate(characterId, wish)),
    cancelCharacterImage: async (characterId, chosen) => told(await commands.cancel(characterId, chosen)),
    url: (path) => requests.url(path),
  }
}

const limner = createLimner()

/**
 * Watch all characters of a plot, until `close()`. Each transition is told once at most and in order, whatever the
 * network does.
 *
 * @param {string} plotId
 * @param {import("./limner.d.ts").PlotListeners} [listeners]
 * @returns {import("./limner.d.ts").Watch}
 */
export function watchPlot(plotId, listeners) {
  return limner.watchPlot(plotId, listeners)
}

/**
 * Watch one character until its image has a final status, or `close()`. Ask for the image first, then watch: a
 * character whose image is final already is done at once.
 *
 * @param {string} characterId
 * @param {import("./limner.d.ts").CharacterListeners} [listeners]
 * @returns {import("./limner.d.ts").Watch}
 */
export function watchCharacter(characterId, listeners) {
  return limner.watchCharacter(characterId, listeners)
}

/**
 * How a character's image is now.
 *
 * @param {string} characterId
 * @param {import("./limner.d.ts").RequestOptions} [options]
 * @returns {Promise<import("./limner.d.ts").Status>}
 */
export function getCharacterImageStatus(characterId, options) {
  return limner.getCharacterImageStatus(characterId, options)
}

/**
 * Ask for an image. Where one is in flight, it is that one. Sent again, for up to half a minute, while no answer comes;
 * it is never drawn twice for that.
 *
 * @param {string} characterId
 * @param {import("./limner.d.ts").ImageWish} [wish]
 * @returns {Promise<import("./limner.d.ts").Status>}
 */
export function generateCharacterImage(characterId, wish) {
  return limner.generateCharacterImage(characterId, wish)
}

/**
 * Cancel what is in flight. Throws a LimnerError with the code `not_in_flight` when nothing is.
 *
 * @param {string} characterId
 * @param {import("./limner.d.ts").RequestOptions} [options]
 * @returns {Promise<import("./limner.d.ts").Status>}
 */
export function cancelCharacterImage(characterId, options) {
  return limner.cancelCharacterImage(characterId, options)
}
