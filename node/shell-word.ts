// A path or name as one word of a shell: what is printed to be typed again must survive being typed.

/** As it is where no shell would change it, else in single quotes. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_/:=.,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
