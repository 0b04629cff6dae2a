// A testee on any implementation with the interface of browsers: testee.cjs URL AGENT [MODULE]. Without a module it is
// the runtime's own WebSocket, be that of Node, of Bun or of Deno.
const [base, agent, implementation] = process.argv.slice(2);

const constructors = {
  'faye-websocket': () => {
    const extensions = [require('permessage-deflate')];
    const { Client } = require('faye-websocket');
    return function (url) { return new Client(url, [], { extensions }); };
  },
  undici: () => require('undici').WebSocket,
  websocket: () => require('websocket').w3cwebsocket,
  ws: () => require('ws'),
};
const WebSocket = implementation ? constructors[implementation]() : globalThis.WebSocket;

const ERROR_ALONE_MS = 500;

// undici 6 throws where nobody can catch it, on a response that selects a subprotocol unasked. The next case shall be
// played all the same.
let giveUp = () => {};
process.on('uncaughtException', (error) => {
  console.error(error);
  giveUp();
});

// One connection until it is closed; the last message.
const play = (path, echoes) =>
  new Promise((resolve) => {
    let last;
    giveUp = () => resolve(last);
    const socket = new WebSocket(base + path);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => {
      last = event.data;
      if (echoes) socket.send(event.data);
    };
    // `close` follows; but in undici 6, which is Node 20's own, not where the opening failed.
    socket.onerror = () => setTimeout(() => resolve(last), ERROR_ALONE_MS);
    socket.onclose = () => resolve(last);
  });

async function main() {
  const count = Number(await play('/getCaseCount', false));
  for (let id = 1; id <= count; id++) await play(`/runCase?case=${id}&agent=${agent}`, true);
  await play(`/updateReports?agent=${agent}`, false);
  process.exit(count > 0 ? 0 : 1);
}

main();
