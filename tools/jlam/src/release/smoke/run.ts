/** Asks an environment what its smoke suite promises. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Ask } from "./ask.ts";
import type { Check } from "./check.ts";
import { messageOf } from "../../terminal/failure.ts";

export interface CheckResult {
  readonly check: Check;
  /** Undefined: it holds. Else what was found instead. */
  readonly failure: string | undefined;
  /** Milliseconds. */
  readonly took: number;
}

/** Traefik's own words where no router fits; an application's 404 is an answer. */
const noRouter = "404 page not found\n";

/** The edge answers 429 to whoever asks faster than a person; it forgets within a second. */
const waits = { status: 429, times: 5, milliseconds: 400 };

const millisecondsPerDay = 86_400_000;

/**
 * Asks every check, routes beside each other and the checks of each in order. Never rejects: what can't be asked fails
 * with the reason. A preview leaves out what only the public address has: filter the checks with `isPreviewable`.
 */
export async function runSmoke(checks: readonly Check[], ask: Ask): Promise<readonly CheckResult[]> {
  const byRoute = Map.groupBy(checks, ({ route }) => route);
  const results = await Promise.all([...byRoute.values()].map(async (ofRoute) => {
    const found: CheckResult[] = [];
    for (const check of ofRoute) found.push(await runCheck(check, ask));
    return found;
  }));
  return results.flat();
}

/** Whether a check says something about a version that isn't public yet: certificates and redirects are the edge's alone. */
export const isPreviewable = ({ kind }: Check): boolean => kind !== "tls" && kind !== "redirect";

async function runCheck(check: Check, ask: Ask): Promise<CheckResult> {
  const began = performance.now();
  const failure = await failureOf(check, ask);
  return { check, failure, took: Math.round(performance.now() - began) };
}

async function failureOf(check: Check, ask: Ask): Promise<string | undefined> {
  try {
    const answer = await askPatiently(check.kind === "redirect" ? check.from : check.url, ask);
    return judge(check, answer, new Date());
  } catch (error) {
    return messageOf(error);
  }
}

async function askPatiently(url: string, ask: Ask): Promise<Answer> {
  for (let left = waits.times; ; left -= 1) {
    const answer = await ask(url);
    if (answer.status !== waits.status || left === 0) return answer;
    await sleep(waits.milliseconds);
  }
}

/** What is wrong with an answer; undefined: it is what the check asks for. Pure. */
export function judge(check: Check, answer: Answer, now: Date): string | undefined {
  switch (check.kind) {
    case "tls":
      return wrongCertificate(answer, check.days, now);
    case "redirect":
      return wrongRedirect(answer, check.url);
    case "wall": {
      const location = answer.headers["location"] ?? "";
      return answer.status === 302 && isBelow(location, check.signInAt) ? undefined : `nobody is asked to sign in at ${check.signInAt}: ${inWords(answer)}`;
    }
    case "headers":
      return wrongHeaders(answer, check.headers);
    case "health":
      return answer.status >= 200 && answer.status < 300 ? undefined : inWords(answer);
    case "answers":
      return answer.status < 500 && !(answer.status === 404 && answer.text === noRouter) ? undefined : inWords(answer);
  }
}

/** A name that isn't in the certificate, or an authority that nobody knows, fails the handshake already. */
function wrongCertificate({ certificateEnds }: Answer, days: number, now: Date): string | undefined {
  if (certificateEnds === undefined) return "there was no TLS";
  const left = (certificateEnds.getTime() - now.getTime()) / millisecondsPerDay;
  return left >= days ? undefined : `the certificate ends on ${certificateEnds.toISOString()}, in ${Math.floor(left)} days`;
}

function wrongRedirect(answer: Answer, url: string): string | undefined {
  const location = answer.headers["location"] ?? "";
  const permanent = answer.status === 301 || answer.status === 308;
  return permanent && sameAddress(location, url) ? undefined : `it doesn't lead to ${url} for good: ${inWords(answer)}`;
}

const sameAddress = (a: string, b: string): boolean => URL.canParse(a) && new URL(a).href === new URL(b).href;
const isBelow = (address: string, origin: string): boolean => URL.canParse(address) && new URL(address).origin === new URL(origin).origin;

function wrongHeaders({ headers }: Answer, expected: Readonly<Record<string, string>>): string | undefined {
  const wrong = Object.entries(expected).flatMap(([name, value]) => {
    const text = headers[name];
    if (value === "") return text === undefined || text === "" ? [] : [`${name} is sent: ${text}`];
    if (text === undefined) return [`${name} is missing`];
    return text.includes(value) ? [] : [`${name} is ${text}, not ${value}`];
  });
  return wrong.length === 0 ? undefined : wrong.join("; ");
}

function inWords({ status, headers, text }: Answer): string {
  if (status === 404 && text === noRouter) return "the proxy has no route for it";
  const location = headers["location"];
  return location === undefined ? `it answers ${status}` : `it answers ${status} to ${location}`;
}
