/** What the environment costs, as figures for Prometheus. */

/** Euros a month by what they are paid for, as the provider's price list says. */
export type Costs = Readonly<Record<string, number>>;

/** A month's price by the day: a year's twelfth has 30.4 of them. */
const daysPerMonth = 365 / 12;

/**
 * A file in Prometheus' text format, for node-exporter; without prices only what it would say. `managed` are resources
 * that somebody else runs for money: one without a price is told of, so that nobody takes the sum for the whole.
 */
export function dailyCosts(costs: Costs, managed: readonly string[]): string {
  const header = ["# HELP cost_estimated_euros_per_day What the environment costs a day, from the price list in its declaration.", "# TYPE cost_estimated_euros_per_day gauge"];
  const lines = Object.entries(costs).map(([resource, euros]) => `cost_estimated_euros_per_day{resource=${JSON.stringify(resource)}} ${(euros / daysPerMonth).toFixed(4)}`);
  const unpriced = Object.keys(costs).length === 0 ? [] : managed.filter((resource) => costs[resource] === undefined);
  const withoutPrice = ["# HELP cost_without_price What costs money, and has no price in the environment's declaration.", "# TYPE cost_without_price gauge", ...unpriced.map((resource) => `cost_without_price{resource=${JSON.stringify(resource)}} 1`)];
  return [...header, ...lines, ...(unpriced.length > 0 ? withoutPrice : []), ""].join("\n");
}
