import { z } from "zod";

/** How a visitor wants pages to look. */
export const displaySchema = z.object({
  textSize: z.enum(["normal", "large", "larger"]),
  contrast: z.enum(["normal", "high"]),
});
export type Display = Readonly<z.output<typeof displaySchema>>;

/** How pages look for whoever chose nothing. */
export const DEFAULT_DISPLAY: Display = { textSize: "normal", contrast: "normal" };

/** Who is signed in. The name is kept here and nowhere else, so that it is gone with the session. */
const signedInMemberSchema = z.object({
  /** Our own id of the member, as in the database. */
  id: z.uuid(),
  name: z.string(),
  /** Stands for the person at the provider. */
  subject: z.string(),
  /** The provider's groups that they were in when they signed in. */
  groups: z.array(z.string()).default([]),
  providerSession: z.string().optional(),
  /** When the provider vouched for them, in seconds since 1970 on its clock. */
  issuedAt: z.number(),
  /** Tells the provider whose session to end. */
  idToken: z.string(),
});
export type SignedInMember = Readonly<z.output<typeof signedInMemberSchema>>;

/** What a session holds. Unknown fields are kept: while two releases run side by side, the older must not drop them. */
export const sessionDataSchema = z.looseObject({ display: displaySchema.optional(), member: signedInMemberSchema.optional() });
export type SessionData = Readonly<z.output<typeof sessionDataSchema>>;
