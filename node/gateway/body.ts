// A request's body, read whole: bounded in size, and in time by the server's own limits.
import type { IncomingMessage } from "node:http";

export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** @returns null: it is larger than `MAX_BODY_BYTES`. @throws where the client goes away in the middle */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (length > MAX_BODY_BYTES) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}
