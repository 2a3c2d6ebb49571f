import { isReleased, type EnvironmentNode } from "../model/environment.ts";
import type { ServiceNode } from "../model/service.ts";

/** The two containers of a service that is released blue/green; one serves, the other is empty or about to serve. */
export type Colour = "blue" | "green";

/** Both, the one that a first start runs before the other. */
export const colours: readonly [Colour, Colour] = ["blue", "green"];

/** The Compose service, and the name on the proxy's network, of one colour. */
export const colouredName = (service: string, colour: Colour): string => `${service}-${colour}`;

/** The colour that waits while `colour` serves. */
export const otherColour = (colour: Colour): Colour => (colour === "blue" ? "green" : "blue");

/** Whether the service is emitted as two colours: only where `jlam deploy` switches between them. */
export const isColoured = ({ release }: Pick<ServiceNode, "release">, environment: Pick<EnvironmentNode, "images">): boolean =>
  release.kind === "blue-green" && isReleased(environment);

/** The Compose service by which others wait for a service: itself, or the colour that a first start runs. */
export const startedAs = (node: Pick<ServiceNode, "name" | "release">, environment: Pick<EnvironmentNode, "images">): string =>
  isColoured(node, environment) ? colouredName(node.name, colours[0]) : node.name;
