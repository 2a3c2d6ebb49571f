/** The OpenBao that this was tested against. The platform runs none itself: its server belongs to whoever keeps the secrets. */
import { image } from "@jlam/compose-dsl";

export const testedOpenBao = image("openbao", "docker.io/openbao/openbao:2.7.2");
