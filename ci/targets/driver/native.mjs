// Driver on the WebSocket of the runtime, or of undici (docs/drivers.md): native.mjs URL [undici] connects once. What the standard's
// interface cannot do is unsupported: pings, fragments, a connection that is dropped.
const [url, module] = process.argv.slice(2);
const { createRequire } = await import('node:module');
const WebSocket = module ? createRequire(`${process.env.NODE_PATH}/`)(module).WebSocket : globalThis.WebSocket;
const socket = new WebSocket(url);
socket.binaryType = 'arraybuffer';

const text = (size = 0, begin = '') => (begin + 'abcdefghijklmnopqrstuvwxyz'.repeat(size / 26 + 1)).slice(0, size);
const octets = (size) => Uint8Array.from({ length: size }, (_, i) => i);

async function task(command, number) {
  for (let i = 0; i < command.count; i++) {
    socket.send(text(command.size, `${number}/${i} `));
    await new Promise((next) => setTimeout(next));
  }
}

function obey(command) {
  if (command.do === 'hello') socket.send('wsgauntlet driver 1');
  else if (command.fragments > 1) socket.send('unsupported');
  else if (command.do === 'close') socket.close(command.code, command.reason);
  else if (command.do === 'send' && command.tasks > 1) [...Array(command.tasks).keys()].forEach((n) => task(command, n));
  else if (command.do === 'send' && command.count) for (let i = 0; i < command.count; i++) socket.send(text(command.size, `0/${i} `));
  else if (command.do === 'send') socket.send(command.type === 'binary' ? octets(command.size) : command.text ?? text(command.size));
  else socket.send('unsupported');
  if (command.then) obey(command.then);
}

socket.onmessage = ({ data }) => {
  if (typeof data !== 'string' || !data.startsWith('wsgauntlet {')) return socket.send(data);
  try {
    obey(JSON.parse(data.slice(11)));
  } catch (error) {
    socket.send(`refused: ${error.message}`);
  }
};
socket.onerror = () => setTimeout(() => process.exit(0), 500);
socket.onclose = () => process.exit(0);
