/** Asks an environment what its smoke suite promises. */
import { setTimeout as sleep } from "node:timers/promises";
import { ask, type Answer, type AskOptions } from "./ask.ts";
import type { Check } from "./check.ts";

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

/** Whether a check can be asked at an address: a preview that speaks no TLS has no certificate, and none has redirects. */
export const isAskable = ({ kind }: Check, { through }: Pick<AskOptions, "through">): boolean =>
  (kind !== "tls" || (through?.tls ?? true)) && (kind !== "redirect" || through === undefined || through.httpPort !== undefined);

/** Asks all that can be asked there, routes beside each other and the checks of each in order. Never rejects. */
export async function runSmoke(checks: readonly Check[], options: AskOptions): Promise<readonly CheckResult[]> {
  const byRoute = Map.groupBy(checks.filter((check) => isAskable(check, options)), ({ route }) => route);
  const results = await Promise.all([...byRoute.values()].map(async (ofRoute) => {
    const found: CheckResult[] = [];
    for (const check of ofRoute) found.push(await runCheck(check, options));
    return found;
  }));
  return results.flat();
}

async function runCheck(check: Check, options: AskOptions): Promise<CheckResult> {
  const began = performance.now();
  const failure = await failureOf(check, options);
  return { check, failure, took: Math.round(performance.now() - began) };
}

async function failureOf(check: Check, options: AskOptions): Promise<string | undefined> {
  try {
    const answer = await askPatiently(check.kind === "redirect" ? check.from : check.url, options);
    return judge(check, answer, new Date());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function askPatiently(url: string, options: AskOptions): Promise<Answer> {
  for (let left = waits.times; ; left -= 1) {
    const answer = await ask(url, options);
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
      const location = String(answer.headers.location ?? "");
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
function wrongCertificate({ certificate }: Answer, days: number, now: Date): string | undefined {
  if (certificate === undefined) return "there was no TLS";
  const left = (Date.parse(certificate.valid_to) - now.getTime()) / millisecondsPerDay;
  return left >= days ? undefined : `the certificate ends on ${certificate.valid_to}, in ${Math.floor(left)} days`;
}

function wrongRedirect(answer: Answer, url: string): string | undefined {
  const location = String(answer.headers.location ?? "");
  const permanent = answer.status === 301 || answer.status === 308;
  return permanent && sameAddress(location, url) ? undefined : `it doesn't lead to ${url} for good: ${inWords(answer)}`;
}

const sameAddress = (a: string, b: string): boolean => URL.canParse(a) && new URL(a).href === new URL(b).href;
const isBelow = (address: string, origin: string): boolean => URL.canParse(address) && new URL(address).origin === new URL(origin).origin;

function wrongHeaders({ headers }: Answer, expected: Readonly<Record<string, string>>): string | undefined {
  const wrong = Object.entries(expected).flatMap(([name, value]) => {
    const sent = headers[name];
    const text = Array.isArray(sent) ? sent.join(", ") : sent;
    if (value === "") return text === undefined || text === "" ? [] : [`${name} is sent: ${text}`];
    if (text === undefined) return [`${name} is missing`];
    return text.includes(value) ? [] : [`${name} is ${text}, not ${value}`];
  });
  return wrong.length === 0 ? undefined : wrong.join("; ");
}

function inWords({ status, headers, text }: Answer): string {
  if (status === 404 && text === noRouter) return "the proxy has no route for it";
  return headers.location === undefined ? `it answers ${status}` : `it answers ${status} to ${String(headers.location)}`;
}
