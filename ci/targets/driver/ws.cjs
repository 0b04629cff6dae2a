// Driver on ws (docs/drivers.md): ws.cjs PORT serves, ws.cjs URL connects once.
const { WebSocket, WebSocketServer } = require('ws');

const text = (size = 0, begin = '') => (begin + 'abcdefghijklmnopqrstuvwxyz'.repeat(size / 26 + 1)).slice(0, size);

function send(socket, { type, text: own, size, fragments = 1, begin }) {
  const data = type === 'binary' ? Buffer.alloc(size, Buffer.from([...Array(256).keys()])) : Buffer.from(own ?? text(size, begin));
  for (let i = 0; i < fragments; i++) {
    const part = data.subarray((data.length * i) / fragments, (data.length * (i + 1)) / fragments);
    socket.send(part, { binary: type === 'binary', fin: i === fragments - 1 });
  }
}

async function task(socket, command, number) {
  for (let i = 0; i < command.count; i++) {
    send(socket, { ...command, begin: `${number}/${i} ` });
    await new Promise(setImmediate);
  }
}

async function obey(socket, command) {
  const { count = 1, size } = command;
  const payload = (i) => command.text ?? text(size, command.count ? `0/${i} ` : '');
  if (command.do === 'hello') socket.send('wsgauntlet driver 1');
  else if (command.do === 'close') socket.close(command.code, command.reason);
  else if (command.do === 'drop') socket.terminate();
  else if (command.do === 'ping') for (let i = 0; i < count; i++) socket.ping(payload(i));
  else if (command.do === 'pong') for (let i = 0; i < count; i++) socket.pong(payload(i));
  else if (command.do === 'send' && command.tasks > 1) [...Array(command.tasks).keys()].forEach((n) => task(socket, command, n));
  else if (command.do === 'send' && command.count) for (let i = 0; i < count; i++) send(socket, { ...command, begin: `0/${i} ` });
  else if (command.do === 'send') send(socket, command);
  else if (command.do === 'wait') await new Promise((done) => setTimeout(done, command.ms)).then(() => socket.send('waited'));
  else if (command.do === 'throw') throw new Error('thrown');
  else socket.send('unsupported');
  if (command.then) await obey(socket, command.then);
}

function drive(socket) {
  let busy = Promise.resolve();
  socket.on('error', () => {}); // The library has already failed the connection.
  socket.on('message', (data, isBinary) => {
    busy = busy.then(async () => {
      if (isBinary || !data.toString().startsWith('wsgauntlet {')) return socket.send(data, { binary: isBinary });
      await obey(socket, JSON.parse(data.toString().slice(11))).catch((error) => socket.send(`refused: ${error.message}`));
    });
  });
}

const [where] = process.argv.slice(2);
if (where.startsWith('ws')) drive(new WebSocket(where));
else new WebSocketServer({ host: '127.0.0.1', port: Number(where), perMessageDeflate: true }).on('connection', drive);
