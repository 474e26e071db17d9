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
