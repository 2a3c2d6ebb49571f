import { z } from "zod";

/** How a visitor wants pages to look. */
export const displaySchema = z.object({
  textSize: z.enum(["normal", "large", "larger"]),
  contrast: z.enum(["normal", "high"]),
});
export type Display = Readonly<z.output<typeof displaySchema>>;

/** How pages look for whoever chose nothing. */
export const DEFAULT_DISPLAY: Display = { textSize: "normal", contrast: "normal" };

/** What a session holds. Unknown fields are kept: while two releases run side by side, the older must not drop them. */
export const sessionDataSchema = z.looseObject({ display: displaySchema.optional() });
export type SessionData = Readonly<z.output<typeof sessionDataSchema>>;
