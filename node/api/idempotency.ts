// A wish under one Idempotency-Key is granted once: a repetition joins the first, however often it is asked.
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import { problem } from "./problem.js";

const KEY = /^[\x21-\x7e]{1,128}$/;

interface Remembered {
  readonly fingerprint: string;
  readonly work: Promise<unknown>;
}

/** Remembers answers for ten minutes, at most 1024 of them. */
export class IdempotencyStore {
  readonly #answers = new LRUCache<string, Remembered>({ max: 1024, ttl: 600_000 });

  /**
   * Runs `work`, or gives what the same key's first run gave or will give. Without a key it always runs.
   * A run that threw is forgotten; refusals are values, and remembered.
   * @throws Problem IDEMPOTENCY_KEY_REUSED, REQUEST_INVALID
   */
  once<T>(request: FastifyRequest, reply: FastifyReply, peer: number, work: () => Promise<T>): Promise<T> {
    const key = request.headers["idempotency-key"];
    if (key === undefined) return work();
    if (typeof key !== "string" || !KEY.test(key))
      throw problem("REQUEST_INVALID", "Idempotency-Key is 1 to 128 printable ASCII characters");
    const fingerprint = fingerprintOf(request, peer);
    const known = this.#answers.get(key);
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) throw problem("IDEMPOTENCY_KEY_REUSED");
      reply.header("idempotency-replayed", "true");
      return known.work as Promise<T>;
    }
    const started = work();
    this.#answers.set(key, { fingerprint, work: started });
    started.catch(() => this.#answers.delete(key));
    return started;
  }
}

const fingerprintOf = (request: FastifyRequest, peer: number): string =>
  createHash("sha256")
    .update(JSON.stringify([peer, request.method, request.url, request.body ?? null]))
    .digest("hex");
