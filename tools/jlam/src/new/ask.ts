/** Questions for what no option said; without a terminal, the option is asked for instead. */
import { createInterface } from "node:readline/promises";
import { PersonError } from "../terminal/failure.ts";

export interface Question {
  readonly text: string;
  /** The option that answers it. */
  readonly option: string;
}

/**
 * One line of answer, or `proposed` for an empty one.
 * @throws PersonError where nobody can be asked, naming the option
 */
export async function ask(question: Question, proposed: string): Promise<string> {
  const answer = await answerTo(question, `[${proposed}]`, proposed);
  return answer === "" ? proposed : answer;
}

/**
 * One of `choices`; asks again until the answer is one. There is no default: the choice is the person's.
 * @throws PersonError where nobody can be asked, naming the option
 */
export async function choose<const C extends string>(question: Question, choices: readonly C[]): Promise<C> {
  for (;;) {
    const answer = await answerTo(question, `(${choices.join(", ")})`, choices.join("|"));
    const chosen = choices.find((choice) => choice === answer);
    if (chosen !== undefined) return chosen;
  }
}

async function answerTo({ text, option }: Question, hint: string, example: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new PersonError(`${option} is missing.`, { why: `${text} There is no terminal to ask on.`, fix: `Add ${option} ${example}`, exitCode: 2 });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(`${text} ${hint} `)).trim();
  } finally {
    lines.close();
  }
}
