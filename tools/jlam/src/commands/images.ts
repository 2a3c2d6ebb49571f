/** `jlam images`: build, list and lock the container images. */
import type { Command } from "commander";
import { examples } from "../terminal/examples.ts";

export function register(command: Command): void {
  examples(command, [["jlam images build", "build every image that has a recipe"]]);
}
