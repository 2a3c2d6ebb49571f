/** What the recipes do that are built on request alone, each where its image is here. */
import { repositoryRoot } from "../synth/platform.ts";
import { presentImages } from "./docker.ts";
import { readRecipes, recipeImage } from "./recipe.ts";
import { tryRecipes, withRecipes, type RecipeTrial } from "./recipe-trial.fixture.ts";

const get = (url: string): readonly string[] => ["wget", "-q", "-O", "-", url];
const post = (url: string, body: unknown): readonly string[] => [
  ...["wget", "-q", "-O", "-", "--header", "Content-Type: application/json", "--post-data", JSON.stringify(body), url],
];

const trials: readonly RecipeTrial[] = [
  {
    recipe: "loki",
    user: "10001:10001",
    from: "beside",
    options: ["--tmpfs", "/loki:uid=10001,gid=10001"],
    command: [],
    ready: get("http://127.0.0.1:3100/ready"),
    does: [
      ["is the version that the recipe says", get("http://127.0.0.1:3100/loki/api/v1/status/buildinfo"), /"version":"3\.7\.8"/],
      ["takes a line", post("http://127.0.0.1:3100/loki/api/v1/push", { streams: [{ stream: { service: "web" }, values: [[`${Date.now()}000000`, "hello"]] }] }), /^$/],
      ["finds it by its label", get("http://127.0.0.1:3100/loki/api/v1/query_range?query=%7Bservice%3D%22web%22%7D"), /"hello"/],
    ],
    endsWithin: 30,
  },
  {
    recipe: "opentelemetry-collector",
    user: "10001:10001",
    from: "beside",
    options: [],
    command: [],
    ready: get("http://127.0.0.1:13133/"),
    does: [["takes a log line by OpenTelemetry's protocol", post("http://127.0.0.1:4318/v1/logs", { resourceLogs: [] }), /partialSuccess/]],
  },
];

const recipes = readRecipes(repositoryRoot);
const images = new Map(trials.map(({ recipe }) => [recipe, recipeImage(recipes, recipe)]));
const present = await presentImages([...images.values()]);
const isHere = ({ recipe }: RecipeTrial): boolean => present.has(images.get(recipe) ?? "");

withRecipes(["busybox"], () => undefined);
tryRecipes(trials.filter(isHere));
tryRecipes(
  trials.filter((trial) => !isHere(trial)),
  (recipe) => `not run: \`jlam images build ${recipe}\` takes many minutes, and nobody ran it here`,
);
