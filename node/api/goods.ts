// Goods as bytes: read chunk by chunk from the disk, each proven once more, as fast as the reader takes them.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { GOODS_MEDIA } from "../contract/index.js";
import type { Goods } from "../handover/goods.js";

/** How long a reader may leave its socket full. */
const STALL_MS = 20_000;

/** Writes all of them; where the disk has changed a chunk the answer ends early, and its announced length tells. */
export async function sendGoods(request: FastifyRequest, reply: FastifyReply, goods: Goods): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    "content-type": GOODS_MEDIA,
    "content-length": goods.manifest.size,
    "content-disposition": "attachment",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  if (request.method === "HEAD") raw.end();
  else await write(raw, goods);
}

async function write(raw: ServerResponse, goods: Goods): Promise<void> {
  const gone = new AbortController();
  raw.once("close", () => gone.abort());
  try {
    for (let index = 0; index < goods.chunks; index++) {
      const bytes = await goods.read(index);
      if (raw.destroyed) return;
      if (bytes === null) {
        raw.destroy();
        return;
      }
      if (!raw.write(bytes))
        await once(raw, "drain", { signal: AbortSignal.any([gone.signal, AbortSignal.timeout(STALL_MS)]) });
    }
    raw.end();
  } catch {
    // The reader stalled, or its socket died: it asks again.
    raw.destroy();
  }
}
