/** What one smoke check asks of an address, as data: part of a release, so that a host is asked what its release promised. */
import { z } from "zod";

const at = {
  /** Route that it was derived from. */
  route: z.string(),
  /** https://host/path as a visitor would type it. */
  url: z.url(),
};

export const checkSchema = z.readonly(
  z.discriminatedUnion("kind", [
    /** The certificate is trusted, stands for the host and holds for at least `days` more. */
    z.object({ kind: z.literal("tls"), ...at, days: z.int().positive() }),
    /** The same address over http leads to https, permanently. */
    z.object({ kind: z.literal("redirect"), ...at, from: z.url() }),
    /** Without a session, whoever asks is sent to this origin to sign in. */
    z.object({ kind: z.literal("wall"), ...at, signInAt: z.url() }),
    /** Headers that every answer carries: each value is contained in what is sent, and an empty one means that it isn't sent at all. */
    z.object({ kind: z.literal("headers"), ...at, headers: z.readonly(z.record(z.string(), z.string())) }),
    /** The service says of itself that it is well: 200 to 299. */
    z.object({ kind: z.literal("health"), ...at }),
    /** The service answers at all: anything but an error of the proxy or a server error. */
    z.object({ kind: z.literal("answers"), ...at }),
  ]),
);

export type Check = z.infer<typeof checkSchema>;
