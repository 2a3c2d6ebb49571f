/** The application that signs people in by OpenID Connect, as its program would: with the client's secret, and PKCE. */
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
  type IDToken,
} from "openid-client";
import { Agent, fetch } from "undici";
import type { Browser } from "./browser.ts";
import { toLoopback } from "./browser.ts";
import { client, originOf } from "./environment.ts";
import { signIn, signInAnswers, type Attempt, type Person } from "./people.ts";
import type { Given } from "./running.ts";

export const issuer = `${originOf("auth")}/application/o/${client.name}/`;
const callback = `${originOf("@")}${client.callback}`;

/** An attempt, and what the client needs to make tokens of the code that it ended with. */
export interface Opened extends Attempt {
  readonly configuration: Configuration;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

async function configurationOf(given: Given): Promise<Configuration> {
  const { platform } = given();
  const dispatcher = new Agent({ connect: { ca: platform.authority, lookup: toLoopback } });
  const throughTraefik = async (url: string, options: object): Promise<Response> => {
    const answer = await fetch(url, { ...options, dispatcher });
    return new Response(await answer.arrayBuffer(), { status: answer.status, headers: [...answer.headers] });
  };
  return await discovery(new URL(issuer), client.name, platform.secret(client.name, "OIDC_CLIENT_SECRET"), undefined, { [customFetch]: throughTraefik });
}

/** Opens the application as somebody who isn't signed in, and signs in; ends at the address to which they come back. */
export async function openAt(given: Given, browser: Browser, person: Person): Promise<Opened> {
  const configuration = await configurationOf(given);
  const verifier = randomPKCECodeVerifier();
  const [state, nonce] = [randomState(), randomNonce()];
  const address = buildAuthorizationUrl(configuration, {
    redirect_uri: callback,
    scope: "openid profile email",
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  const attempt = await signIn(browser, address.href, signInAnswers(person), ({ origin, pathname }) => `${origin}${pathname}` === callback);
  return { ...attempt, configuration, verifier, state, nonce };
}

export interface Tokens {
  readonly idToken: string;
  readonly claims: IDToken;
}

/** Exchanges the code with which somebody came back. */
export async function tokensOf({ arrived, configuration, verifier, state, nonce }: Opened): Promise<Tokens> {
  if (arrived === undefined) throw new Error("they didn't come back");
  const tokens = await authorizationCodeGrant(configuration, arrived.url, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce });
  const claims = tokens.claims();
  if (claims === undefined || tokens.id_token === undefined) throw new Error("there is no id_token");
  return { idToken: tokens.id_token, claims };
}
