/** One secret value as an age blob that only its recipients open, and only in its own place. */
import { armor, Decrypter, Encrypter } from "age-encryption";
import { z } from "zod";
import { messageOf, PersonError } from "../../terminal/failure.ts";

/** Where a value belongs. It is sealed with the value, so that a blob that was moved is refused. */
export interface Place {
  readonly environment: string;
  /** Id of the secret. */
  readonly secret: string;
  readonly version: number;
  /** When it was made, ISO 8601 in UTC; sealed too, since its age is judged by it. */
  readonly made: string;
}

const content = z.strictObject({ environment: z.string(), secret: z.string(), version: z.number().int(), made: z.string(), value: z.string() });

/** Seals a value for the recipients (`age1…`), armoured. Two calls give two texts. */
export async function seal(value: string, place: Place, recipients: readonly string[]): Promise<string> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const { environment, secret, version, made } = place;
  return armor.encode(await encrypter.encrypt(JSON.stringify({ environment, secret, version, made, value } satisfies z.infer<typeof content>)));
}

/**
 * Opens a blob with any of the identities (`AGE-SECRET-KEY-…`).
 *
 * @throws PersonError where none of them is a recipient's, where the blob is damaged, or where it was sealed for another
 *   environment, secret, version or time than the place where it stands. No message holds anything of the value.
 */
export async function unseal(blob: string, place: Place, identities: readonly string[], file: string): Promise<string> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  const what = `Version ${place.version} of "${place.secret}"`;
  const text = await decode(blob, decrypter).catch((error: unknown) => {
    throw new PersonError(`${what} can't be opened.`, {
      where: file,
      why: messageOf(error),
      fix: `Use an identity of one of its recipients (\`jlam secrets recipients ${place.environment}\` lists them), or set the secret anew.`,
    });
  });
  const found = parsed(text);
  if (found === undefined) throw new PersonError(`${what} holds no secret of ours.`, { where: file, fix: `Set it with \`jlam secrets set ${place.environment} ${place.secret}\`.` });
  const moved = (["environment", "secret", "version", "made"] as const).filter((field) => found[field] !== place[field]);
  if (moved.length === 0) return found.value;
  throw new PersonError(`${what} is not what was sealed there.`, {
    where: file,
    why: `It was sealed as ${moved.map((field) => `${field} ${JSON.stringify(found[field])}`).join(", ")}: somebody moved it, or changed what stands beside it.`,
    fix: "Find out who changed the file (`git log -p` on it), and take the last good version back.",
  });
}

/** How many recipients the blob was sealed for; anybody can count them. Undefined for what is no age file. */
export function recipientCount(blob: string): number | undefined {
  try {
    const header = Buffer.from(armor.decode(blob)).toString("latin1").split("\n---")[0] ?? "";
    return header.split("\n").filter((line) => line.startsWith("-> ")).length;
  } catch {
    return undefined;
  }
}

const decode = async (blob: string, decrypter: Decrypter): Promise<string> => await decrypter.decrypt(armor.decode(blob), "text");

function parsed(text: string): z.infer<typeof content> | undefined {
  try {
    return content.parse(JSON.parse(text));
  } catch {
    // The parser's own message would quote from the value.
    return undefined;
  }
}
