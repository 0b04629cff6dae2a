// Echo server on Socket.IO: socketio.cjs PORT. Its messages are Socket.IO's own, within those of Engine.IO.
const http = require('node:http');
const { Server } = require('socket.io');

const server = http.createServer().listen(Number(process.argv[2]), '127.0.0.1');
new Server(server, { perMessageDeflate: true }).on('connection', (socket) => {
  socket.onAny((event, ...values) => socket.emit(event, ...values));
});
