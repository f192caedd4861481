// better-sse on node:http, with one channel for each plot, fed by one Redis subscriber.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { BENCH_MODULES, BENCH_PORT, BENCH_REDIS_SOCKET } = process.env; // PGHOST and the like: pg's
const CONNECTIONS = 10;
const CHANNEL = "limner:plot:";
const STATUSES = "SELECT seq, status FROM snapshots WHERE plot_id = $1 ORDER BY seq";

const require = createRequire(pathToFileURL(`${BENCH_MODULES}/package.json`));
const { createChannel, createSession } = require("better-sse");
const { createClient } = require("redis");
const { Pool } = require("pg");

const serializer = (status) => status; // it is JSON already
const channels = new Map();
const pool = new Pool({ max: CONNECTIONS });

const redis = createClient({ socket: { path: BENCH_REDIS_SOCKET } });
await redis.connect();
await redis.pSubscribe(`${CHANNEL}*`, (status, channel) => {
  const eventId = String(JSON.parse(status).seq);
  channels.get(channel.slice(CHANNEL.length))?.broadcast(status, "status", { eventId });
});

createServer(async (request, response) => {
  const [, , plotId, kind] = request.url.split("/");
  const session = await createSession(request, response, { serializer });
  if (!channels.has(plotId)) {
    const channel = createChannel();
    channel.on("session-deregistered", () => channel.sessionCount || channels.delete(plotId));
    channels.set(plotId, channel);
  }
  channels.get(plotId).register(session);
  if (kind === "events") {
    // A prepared statement, as its name makes it: what asyncpg does by itself.
    const query = { name: "statuses", text: STATUSES, values: [plotId] };
    for (const { seq, status } of (await pool.query(query)).rows) {
      session.push(status, "status", String(seq));
    }
  }
}).listen(Number(BENCH_PORT), "127.0.0.1");
