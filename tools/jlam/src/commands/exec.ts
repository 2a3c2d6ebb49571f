/** `jlam exec`: run a program in a service's container. */
import type { Command } from "commander";
import { execIn, runningContainer } from "../runtime/in-container.ts";
import { examples } from "../terminal/examples.ts";
import { say } from "../terminal/output.ts";

export function register(command: Command): void {
  command
    .argument("<service>", "service whose container runs the program")
    .argument("<program...>", "the program and its arguments, after --")
    .option("-e, --environment <name>", "environment", "local")
    .option("-u, --user <uid:gid>", "run as another user than the container's own");
  examples(command, [
    ["jlam exec web -- node --version", "one program, without a shell"],
    ["jlam exec redis-sessions -e ci -- sh", "a shell, where the image has one"],
  ]);
  command.action(async (service: string, program: readonly string[], options: { environment: string; user?: string }) => {
    const container = await runningContainer(options.environment, service);
    const exitCode = await execIn(container, program, { user: options.user });
    process.exitCode = exitCode;
    // 126 and 127 are what the engine answers for a program that it can't run or can't find (as POSIX shells do).
    if (exitCode === 126 || exitCode === 127) {
      say(`The image of ${service} (${container.image}) has no program "${program[0] ?? ""}" that can run. Images of this platform have few programs, and often no shell.`);
    }
  });
}
