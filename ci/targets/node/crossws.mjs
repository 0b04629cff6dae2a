// Echo server on crossws: crossws.mjs PORT. Loaded by way of require, which heeds NODE_PATH.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const { default: adapter } = createRequire(import.meta.url)('crossws/adapters/node');

const isText = (message) => message.isBinary === false || typeof message.rawData === 'string';
const sockets = adapter({
  hooks: { message: (peer, message) => peer.send(isText(message) ? message.text() : message.uint8Array()) },
});
const server = createServer((request, response) => response.writeHead(404).end());
server.on('upgrade', sockets.handleUpgrade);
server.listen(Number(process.argv[2]), '127.0.0.1');
