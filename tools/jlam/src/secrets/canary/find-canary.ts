/** Looks for a known secret value in places where none may be, however it is written there. */

/** Somewhere to look. */
export interface Place {
  /** What it is, as a finding names it. */
  readonly name: string;
  /** Everything that can be read there, in parts of any size. Not called before it is this place's turn. */
  readonly read: () => AsyncIterable<Buffer> | Iterable<Buffer>;
}

export interface Found {
  readonly place: string;
  /** How it was written there. */
  readonly as: string;
}

/** At most this many bytes of a part are kept for the next, so that what lies across two parts is found. */
const longestForm = 1024;

/**
 * The places that hold the canary: as it is, escaped as in JSON or a URL, or in base64 or hexadecimal digits, also inside a
 * longer text that was encoded whole.
 *
 * @throws RangeError for a canary that is too short to be certain about, or too long to be looked for
 */
export async function findCanary(canary: string, places: readonly Place[]): Promise<readonly Found[]> {
  if (canary.length < 16 || canary.length > 256) throw new RangeError("a canary has 16 to 256 characters");
  const forms = formsOf(canary);
  const found: Found[] = [];
  for (const place of places) {
    const seen = new Set<string>();
    let rest: Buffer = Buffer.alloc(0);
    for await (const part of place.read()) {
      const text = Buffer.concat([rest, part]);
      for (const [as, form] of forms) if (text.includes(form)) seen.add(as);
      rest = text.subarray(Math.max(0, text.length - longestForm));
    }
    // Where several ways of writing are one text, the plainest is told.
    const [as] = seen;
    if (as !== undefined) found.push({ place: place.name, as });
  }
  return found;
}

/** A place whose text is there already, such as what a command printed. */
export const textPlace = (name: string, text: string): Place => ({ name, read: () => [Buffer.from(text)] });

function formsOf(canary: string): readonly (readonly [as: string, form: string])[] {
  const hex = Buffer.from(canary).toString("hex");
  return [
    ["plain text", canary],
    ["JSON", JSON.stringify(canary).slice(1, -1)],
    ["a URL", encodeURIComponent(canary)],
    ["hexadecimal", hex],
    ["hexadecimal", hex.toUpperCase()],
    ...[0, 1, 2].flatMap((before) => (["base64", "base64url"] as const).map((encoding) => ["base64", insideBase64(canary, before, encoding)] as const)),
  ];
}

/** What the canary looks like in the base64 of a longer text, which begins `before` bytes (modulo 3) ahead of it: only whole letters of its own. */
function insideBase64(canary: string, before: number, encoding: "base64" | "base64url"): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(canary)]);
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor((bytes.length * 8) / 6);
  return bytes.toString(encoding).slice(first, last);
}
