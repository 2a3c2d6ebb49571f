/** What the environment costs, as figures for Prometheus. */

/** Euros a month by what they are paid for, as the provider's price list says. */
export type Costs = Readonly<Record<string, number>>;

/** A month's price by the day: a year's twelfth has 30.4 of them. */
const daysPerMonth = 365 / 12;

/** A file in Prometheus' text format, for node-exporter; without prices only what it would say. */
export function dailyCosts(costs: Costs): string {
  const header = ["# HELP cost_estimated_euros_per_day What the environment costs a day, from the price list in its declaration.", "# TYPE cost_estimated_euros_per_day gauge"];
  const lines = Object.entries(costs).map(([resource, euros]) => `cost_estimated_euros_per_day{resource=${JSON.stringify(resource)}} ${(euros / daysPerMonth).toFixed(4)}`);
  return [...header, ...lines, ""].join("\n");
}
