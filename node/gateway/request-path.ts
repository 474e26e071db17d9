// A request's path as an upstream will understand it: another spelling of a path must not pass limits by.

/** Nothing in it can be read in two ways. */
const PLAIN = /^(?:\/[\w:-][\w.:-]*)+$/;

/** Decoded, without dots, doubled or trailing slashes; null: it is no path. */
export function plainPath(path: string): string | null {
  if (PLAIN.test(path)) return path;
  if (!path.startsWith("/")) return null;
  try {
    const { pathname } = new URL(`http://upstream${path.replace(/[?#].*$/s, "")}`);
    const decoded = decodeURIComponent(pathname);
    const plain = new URL(`http://upstream${encodeURI(decoded)}`).pathname;
    return decodeURIComponent(plain)
      .replace(/\/{2,}/g, "/")
      .replace(/(?<=.)\/$/, "");
  } catch {
    return null;
  }
}

/** A step up or in place, as servers write it: escaped, before a parameter, between slashes of either kind. */
const STEP = /(?:^|[\\/])\.{1,2}(?:[;\\/]|$)/;

/** Of these, `. / ; \\`, each escaped, or its escape escaped again: who stands before an upstream may have taken one off. */
const STEP_BYTE = /%(?:25)*(2e|2f|3b|5c)/gi;

/** Whether a request's target is a path that leads nowhere but below where it begins: no other host, and no step up. */
export function staysBelow(path: string): boolean {
  if (!path.startsWith("/")) return false;
  return !STEP.test(
    path.replaceAll(STEP_BYTE, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16))),
  );
}
