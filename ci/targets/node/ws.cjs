// Echo server on ws: ws.cjs PORT [deflate]. The library leaves permessage-deflate off unless it is asked for.
const { WebSocketServer } = require('ws');

const [port, deflate] = process.argv.slice(2);
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: deflate === 'deflate' });

server.on('connection', (socket) => {
  socket.on('error', () => {}); // The library has already failed the connection.
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
