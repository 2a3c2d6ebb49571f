/** A release for those who watch it: a line for each step on stderr, and what it came to. */
import { shortId } from "../record/release.ts";
import { colour, say } from "../../terminal/output.ts";
import type { Step } from "../journal/entry.ts";
import type { Outcome, Witness } from "../machine/carry-out.ts";
import type { Result } from "../machine/deploy.ts";

/** What each step is called while it is at it. */
const titles: Readonly<Record<Step, string>> = {
  begin: "Begins",
  lock: "Takes the lock",
  preflight: "Looks at the host",
  upload: "Uploads the release",
  pull: "Pulls images by digest",
  set: "Makes a recovery set, where data is touched",
  services: "Configuration, and services that can't run twice",
  migrate: "Migrates",
  start: "Starts the new version beside the old one",
  healthy: "Waits until it is healthy",
  smoke: "Asks it what it promises",
  switch: "Switches",
  confirm: "Waits until the proxy confirms",
  drain: "Lets the old version finish",
  watch: "Watches the new version",
  finish: "Tidies up",
  "switch-back": "Switches back",
  revert: "Takes back what was done",
};

/** Shows steps as they go. */
export const onTerminal: Witness = {
  began: () => undefined,
  at: (step, line) => say(`  ${colour("dim", `${titles[step]}: ${line}`)}`),
  ended(step, result, milliseconds) {
    const mark = { done: colour("green", "✔"), failed: colour("red", "✖"), held: colour("yellow", "…") }[result.outcome];
    say(`${mark} ${titles[step]} ${colour("dim", `(${(milliseconds / 1000).toFixed(1)} s)`)}`);
    if (result.outcome !== "done") say(result.why.replace(/^/gm, "    "));
  },
};

/** Shows nothing: for --json. */
export const silent: Witness = { began: () => undefined, at: () => undefined, ended: () => undefined };

/** What an undertaking came to, in a sentence or two, with what to do next. */
function outcomeInWords(environment: string, { end, run, situation, reasons }: Outcome): readonly string[] {
  const serving = situation.serving ? `${shortId(situation.serving.release)} serves, in ${situation.serving.colour}` : "nothing serves";
  switch (end) {
    case "finished":
      return [`${environment}: ${serving}.${run.action === "deploy" && run.from ? ` \`jlam rollback ${environment}\` returns to ${shortId(run.from.release)}.` : ""}`];
    case "reverted":
      return [`${environment}: release ${shortId(run.to.release)} was taken back; ${serving}.`, ...reasons.slice(0, 1).map(({ step, why }) => `Because of ${step}: ${why}`)];
    case "held":
      return [
        run.step === "switch-back" && run.from
          ? `${environment}: release ${shortId(run.to.release)} disappointed, and leading visitors back to ${shortId(run.from.release)} didn't succeed: the proxy may lead to either. Both versions keep running.`
          : `${environment}: release ${shortId(run.to.release)} waits at ${run.step}; ${serving}, and both versions keep running.`,
        ...reasons.slice(-1).map(({ why }) => `Because ${why}`),
        `The same command goes on from here${run.action === "deploy" ? `; \`jlam rollback ${environment}\` takes it back` : ""}.`,
        ...(run.step === "watch" && run.outcome === "held" ? [`If you watched it yourself and it is well: \`jlam release accept ${environment} --reason '…'\`.`] : []),
      ];
  }
}

/** As {@link outcomeInWords}, with what was left unfinished by somebody before. */
export const resultInWords = (environment: string, result: Result): readonly string[] => [
  ...(result.left && result.left.run.id !== result.run.id ? [`What was left unfinished (${shortId(result.left.run.to.release)}) was ${result.left.end === "finished" ? "finished" : "taken back"} first.`] : []),
  ...outcomeInWords(environment, result),
];

/** The result as data, for --json. */
export const resultAsData = (result: Result) => ({
  end: result.end,
  action: result.run.action,
  release: result.run.to.release,
  from: result.run.from?.release ?? null,
  serving: result.situation.serving ?? null,
  reasons: result.reasons,
  left: result.left && { end: result.left.end, release: result.left.run.to.release },
});
