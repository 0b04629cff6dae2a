// Echo server on ws: ws.cjs PORT [deflate [BITS]]. The library leaves permessage-deflate off unless it is asked for; BITS
// is its option clientMaxWindowBits.
const { WebSocketServer } = require('ws');

const [port, deflate, bits] = process.argv.slice(2);
const perMessageDeflate = bits ? { clientMaxWindowBits: Number(bits) } : deflate === 'deflate';
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate });

server.on('connection', (socket) => {
  socket.on('error', () => {}); // The library has already failed the connection.
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
