// Which dialect a request speaks.
import type { Dialect, Endpoint, Fields } from "../dialect.js";
import { isSpoken as isAnthropicSpoken } from "./anthropic/requests.js";
import { anthropic } from "./anthropic.js";
import { isSpoken as isGoogleSpoken } from "./google/requests.js";
import { google } from "./google.js";
import { openai } from "./openai.js";

/** In the order in which they are asked: the last knows the most prefixes. */
export const DIALECTS: readonly Dialect[] = [google, anthropic, openai];

/** null: no dialect knows the path. */
export function calledIn(
  method: string,
  path: string,
  fields: Fields,
): { readonly dialect: Dialect; readonly endpoint: Endpoint } | null {
  for (const dialect of DIALECTS) {
    const endpoint = dialect.endpointOf(method, path, fields);
    if (endpoint !== null) return { dialect, endpoint };
  }
  return null;
}

/** In which dialect a client is answered whose path no dialect knows. */
export function spokenBy(fields: Fields): Dialect {
  if (isGoogleSpoken(fields)) return google;
  return isAnthropicSpoken(fields) ? anthropic : openai;
}
