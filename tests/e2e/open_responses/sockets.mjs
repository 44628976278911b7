// The suite gives its WebSockets a header with the key, as Bun can. Node.js before 22 has none, and
// later ones take no headers there: the package `ws`, where it is installed, does.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const from = createRequire(pathToFileURL(`${process.cwd()}/package.json`));
try {
  const { WebSocket } = from("ws");
  globalThis.WebSocket = class extends WebSocket {
    constructor(address, options) {
      super(address, [], options);
    }
  };
} catch {
  // whatever there is, is used
}
