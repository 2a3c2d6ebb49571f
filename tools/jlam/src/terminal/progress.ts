/** Steps with progress on stderr: a live list on a terminal, one plain line per event elsewhere. */
import { Listr, ListrLogger, ProcessOutput, type ListrDefaultRendererLogLevels, type ListrLogLevels } from "listr2";

export interface Step {
  readonly title: string;
  /** Does the step. `report` shows what it is at; a returned text becomes the title of the finished step. */
  readonly run: (report: (line: string) => void) => Promise<string | undefined>;
}

export interface StepOptions {
  /** How many steps run at the same time; 1 by default. */
  readonly concurrent?: number;
}

/**
 * Runs the steps. Throws what the first failing step throws, after steps that were under way have ended; steps that
 * had not begun don't begin.
 */
export async function runSteps(steps: readonly Step[], options: StepOptions = {}): Promise<void> {
  // listr2 draws on its stdout; handing it our streams swapped keeps the result on stdout clean.
  const processOutput = new ProcessOutput(process.stderr, process.stdout);
  const failures: unknown[] = [];
  const tasks = new Listr<undefined, "default", "simple">(
    steps.map((step) => ({
      title: step.title,
      skip: () => failures.length > 0,
      task: async (_, task) => {
        try {
          const finished = await step.run((line) => {
            task.output = line;
          });
          if (finished !== undefined) task.title = finished;
        } catch (error) {
          failures.push(error);
          throw error;
        }
      },
    })),
    {
      concurrent: options.concurrent ?? 1,
      exitOnError: false,
      registerSignalListeners: false,
      fallbackRendererCondition: () => !process.stderr.isTTY,
      rendererOptions: { logger: new ListrLogger<ListrDefaultRendererLogLevels>({ processOutput }), showErrorMessage: false, collapseErrors: false },
      fallbackRenderer: "simple",
      fallbackRendererOptions: { logger: new ListrLogger<ListrLogLevels>({ processOutput }) },
    },
  );
  await tasks.run();
  if (failures.length > 0) throw failures[0];
}
