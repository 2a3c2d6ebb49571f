import { image, lockedImages, route, service, type ServiceNode } from "../../index.ts";
import { controls } from "../../testing/control.fixture.ts";
import { basis, place } from "../../testing/platform.fixture.ts";
import { standInReleased, standInTarget } from "./stand-ins.ts";

const rare = image("rare", "docker.io/library/rare:1.0", { registryOnly: true, probe: ["probe"] });
const real = service("real", { ...basis, image: rare, ports: { http: 9000 } });
const always = service("always", { ...basis, ports: { http: 9000 } });
const standIn = (name: string, ports: Readonly<Record<string, number>> = { http: 9000 }): ServiceNode => service("stand-in", { ...basis, ports, standsInFor: [name] });
const toReal = route(real.ports.http, { host: "real" });

export default [
  ...controls(
    standInReleased,
    ["a released environment has a stand-in", () => place({ services: [real, standIn("real")], images: lockedImages({ registry: "registry.example.org/jlam", lock: {} }) }), /"stand-in" stands in for "real"/],
    ["its images may be replaced", () => place({ services: [real, standIn("real")] })],
  ),
  ...controls(
    standInTarget,
    ["it stands in for nobody", () => place({ services: [real, standIn("reel")] }), /"reel", which is no service here\. Did you mean "real"\?/],
    ["the other always runs", () => place({ services: [always, standIn("always")] }), /which always runs/],
    ["it listens elsewhere", () => place({ services: [real, standIn("real", { http: 8000 })], routes: [toReal] }), /doesn't listen on 9000/],
    ["it listens where the other is asked", () => place({ services: [real, standIn("real")], routes: [toReal] })],
  ),
];
