// Echo server on Engine.IO: engineio.cjs PORT. Its messages are text of Engine.IO's own: "4x" comes back for "4x".
const http = require('node:http');
const engine = require('engine.io');

const server = http.createServer().listen(Number(process.argv[2]), '127.0.0.1');
engine.attach(server, { perMessageDeflate: true }).on('connection', (socket) => {
  socket.on('message', (message) => socket.send(message));
});
