/** The kinds of faults that several provocations share, and how long they may take. */
import { visits } from "../acting.ts";
import type { Expected, Provocation } from "../ledger.ts";
import type { Platform } from "../platform.ts";

/** Seconds that `for:` lasts, and then some: a scrape, an evaluation and the webhook on a busy machine. */
export const after = (seconds: number): number => seconds + 75;

/** Five minutes in which the fault is still in a rate's window, and then some. */
export const outOfWindow = 480;

export const stopped = (what: string, expected: readonly Expected[]): Provocation => ({
  how: `stop ${what}`,
  needs: [what],
  expected,
  provoke: async (platform) => void (await platform.docker("stop", platform.container(what))),
  relieve: async (platform) => void (await platform.docker("start", platform.container(what))),
});

/** Visits that go on until the alert has arrived. */
export const asking = (how: string, [host, path]: readonly [host: string, path: string], perSecond: number, expected: readonly Expected[], { headers = {}, needs = [] }: { readonly headers?: Readonly<Record<string, string>>; readonly needs?: readonly string[] } = {}): Provocation => {
  let stop = (): void => undefined;
  return {
    how,
    needs,
    expected,
    provoke: async (platform) => await Promise.resolve(void (stop = visits(platform, host, path, perSecond, headers))),
    relieve: async () => await Promise.resolve(stop()),
  };
};

/** What a service has mounted is changed for a while, and the service told. */
export function changed(how: string, path: string, change: (text: string) => string, expected: readonly Expected[], reload: (platform: Platform) => Promise<void> = async () => await Promise.resolve()): Provocation {
  let before = "";
  return {
    how,
    expected,
    provoke: async (platform) => {
      const file = platform.emitted(path);
      before = file.read();
      file.write(change(before));
      await reload(platform);
    },
    relieve: async (platform) => {
      platform.emitted(path).write(before);
      await reload(platform);
    },
  };
}
