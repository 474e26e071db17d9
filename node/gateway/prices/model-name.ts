// A model's name without what does not matter for its price: where it is served, of which day it is, that it is the latest.

/** Where it is served: `models/`, `openai/`, a cloud's path; of Bedrock a region and the maker. */
const PLACE = /^(?:.*\/)?(?:(?:[a-z]{2,8}(?:-[a-z]{2,8})?\.)?anthropic\.)?/;
/** A cloud's own version: `@20250929`, `-v1:0`. */
const EDITION = /(?:@[\w.-]*|-v\d{1,2}:\d{1,2}(?::\w{1,8})?)$/;
const LATEST = /-latest$/;
/** `-20250929`, `-2025-09-29`; of Google's previews `-preview-05-20`, `-preview-09-2025`; of its editions `-001`. */
const DAY = /-20\d\d-?[01]\d-?[0-3]\d$/;
const PREVIEW_DAY = /(-preview)-\d\d-(?:\d\d|20\d\d)$/;
const NUMBER = /^(gemini.*)-0\d\d$/;

/** Characters of a name that are looked at. */
const MOST_NAME = 256;

/** The name under which a model is listed: `claude-sonnet-4-5` of `us.anthropic.claude-sonnet-4-5-20250929-v1:0`. In lower case. */
export function canonicalModel(name: string): string {
  return name
    .slice(0, MOST_NAME)
    .trim()
    .toLowerCase()
    .replace(PLACE, "")
    .replace(EDITION, "")
    .replace(LATEST, "")
    .replace(DAY, "")
    .replace(PREVIEW_DAY, "$1")
    .replace(NUMBER, "$1");
}

/** What names of one model have in common: some write a version with a dot, others with a dash. */
export const modelKey = (name: string): string => canonicalModel(name).replace(/(\d)\.(?=\d)/g, "$1-");
