// Models that share their limits: upstreams limit a key by model, and count all issues of one together.

/** As Google writes a model in a path. */
const PREFIX = /^(?:models|tunedmodels)\//;
/** A model of a customer's own is limited with the one that it was made of. */
const TUNED = /^ft:([^:]+)(?::.*)?$/;
/** `-20250929`, `@20250929`, `-2025-12-11`, `-09-2025`, `-05-20`, `-0613`, `-001`, `-v1:0`, `-latest`. */
const ISSUE =
  /(?:[-@](?:20\d{6}|20\d\d-\d\d-\d\d|\d\d-20\d\d|(?:0\d|1[0-2])-[0-3]\d|(?:0\d|1[0-2])[0-3]\d|0\d\d|v\d+(?::\d+)?)|[-:@]latest)$/;
/** Anthropic limits all of a family's models together. */
const FAMILY = /^(claude-[a-z]+-\d+)(?:[-.]\d{1,2})?$/;

/** Two names of one class are limited together; whatever the name, it is given back no longer. */
export function classOf(model: string): string {
  let name = model.toLowerCase().replace(PREFIX, "");
  name = TUNED.exec(name)?.[1] ?? name;
  for (let shorter = name.replace(ISSUE, ""); shorter !== name && shorter !== ""; ) {
    name = shorter;
    shorter = name.replace(ISSUE, "");
  }
  return FAMILY.exec(name)?.[1] ?? name;
}
