import { jwtVerify } from "jose";
import type { JWTVerifyGetKey } from "jose";
import { z } from "zod";

import type { SignOut } from "../sessions/sign-outs.ts";
import type { SignInSettings } from "../settings/sign-in-settings.ts";
import { ALGORITHMS, CLOCK_TOLERANCE, pseudonym } from "./token-rules.ts";

/** Longest time between the making of a logout token and its use, in seconds; the specification asks for at most two minutes. */
const LONGEST_AGE = 120;

/** How long a used token must be remembered, in seconds: by then it is too old to be taken again. */
export const REMEMBER_TOKEN = LONGEST_AGE + 60;

/** OpenID Connect Back-Channel Logout 1.0, section 2.4: a nonce is forbidden, so that no ID token passes for one. */
const claimsSchema = z
  .object({
    jti: z.string().min(1),
    iat: z.number(),
    events: z.object({ "http://schemas.openid.net/event/backchannel-logout": z.object({}) }),
    sid: z.string().min(1).optional(),
    sub: z.string().min(1).optional(),
    nonce: z.undefined().optional(),
  })
  .refine((claims) => claims.sid !== undefined || claims.sub !== undefined);

/** Verifies a logout token as section 2.6 says. @throws Error of jose or zod when anything in it is wrong */
export async function verifyLogoutToken(token: string, keys: JWTVerifyGetKey, settings: SignInSettings): Promise<SignOut> {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: [...ALGORITHMS],
    issuer: settings.issuer,
    audience: settings.clientId,
    maxTokenAge: LONGEST_AGE,
    clockTolerance: CLOCK_TOLERANCE,
    requiredClaims: ["iat", "jti", "events"],
  });
  const claims = claimsSchema.parse(payload);
  return {
    tokenId: claims.jti,
    providerSession: claims.sid,
    subject: claims.sub === undefined ? undefined : pseudonym(settings.issuer, claims.sub),
    issuedAt: claims.iat,
  };
}
