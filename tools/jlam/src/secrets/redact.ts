/** Strikes secret values out of text that is shown to people. */

/** Shorter texts occur in any log by chance; no value of ours is shorter. */
const shortest = 8;

/** A function that replaces every known value, and each line of a longer one (a key), by `‹secret›`. */
export function redactor(values: Iterable<string>): (text: string) => string {
  const known = new Set<string>();
  for (const value of values) {
    for (const line of value.split("\n")) if (line.trim().length >= shortest && !/^-+(BEGIN|END) [A-Z ]+-+$/.test(line)) known.add(line.trim());
  }
  const longestFirst = [...known].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((shown, value) => shown.replaceAll(value, "‹secret›"), text);
}
